/* A disk that loses power. Preloaded into a process, it stands between the process and a few of its files.
 *
 * Everything is written through, so that the process sees what it wrote; beside that, each file's content as of its last
 * fsync is kept, and every write since. When the armed number of file operations has been done, the power goes: each
 * file becomes what it was at its last fsync, with the later writes dropped, kept or torn sector by sector, in any mixture
 * that the seed says; a file whose directory was not synced since it was made may be gone, one that was deleted may be
 * back. Then the process ends on the spot. Nothing of the program knows of this.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, MAX_FILES = 256, MAX_FDS = 65536, CUT_STATUS = 99 };

/* One write since the last fsync; without data, a change of the file's size to `offset`. */
struct change {
    off_t offset;
    size_t length;
    unsigned char *data;
};

struct file {
    char path[PATH_MAX];
    unsigned char *synced; /* the content as of the last fsync */
    size_t size;
    struct change *changes;
    size_t count;
    int entered;  /* its name is on the disk for sure */
    int unlinked; /* its name was deleted, perhaps not yet on the disk */
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static char target[PATH_MAX], folder[PATH_MAX];
static struct file files[MAX_FILES];
static size_t made;
static struct file *by_fd[MAX_FDS];
static char is_folder[MAX_FDS];
static long left = -1; /* operations until the power goes; negative while nothing is armed */
static uint64_t state;

static uint64_t chance(uint64_t below) { /* splitmix64 */
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

#define REAL(name, type) \
    static __typeof__(type) real; \
    if (!real) real = (__typeof__(type))dlsym(RTLD_NEXT, name)

static int real_open(const char *path, int flags, mode_t mode) {
    REAL("open64", int (*)(const char *, int, ...));
    return real(path, flags, mode);
}
static ssize_t real_pwrite(int fd, const void *data, size_t length, off_t offset) {
    REAL("pwrite64", ssize_t (*)(int, const void *, size_t, off_t));
    return real(fd, data, length, offset);
}
static int real_ftruncate(int fd, off_t size) {
    REAL("ftruncate64", int (*)(int, off_t));
    return real(fd, size);
}
static int real_unlink(const char *path) {
    REAL("unlink", int (*)(const char *));
    return real(path);
}
static int real_close(int fd) {
    REAL("close", int (*)(int));
    return real(fd);
}

static void broken(const char *what) {
    fprintf(stderr, "power_loss: %s: %s\n", what, strerror(errno));
    _exit(98);
}

static void *more(void *old, size_t size) {
    void *found = realloc(old, size ? size : 1);
    if (!found) broken("memory");
    return found;
}

/* The registry file, its log and its journal; not its locks nor the shared memory, which nobody reads after a start. */
static int is_ours(const char *path) {
    size_t length = strlen(target);
    if (left < 0 || strncmp(path, target, length)) return 0;
    const char *ending = path + length;
    return !*ending || !strcmp(ending, "-wal") || !strcmp(ending, "-journal");
}

static struct file *named(const char *path) {
    for (size_t i = made; i-- > 0;)
        if (!files[i].unlinked && !strcmp(files[i].path, path)) return &files[i];
    return NULL;
}

static struct file *enter(const char *path, int existed) {
    if (made == MAX_FILES) broken("too many files");
    struct file *file = &files[made++];
    memset(file, 0, sizeof *file);
    strncpy(file->path, path, PATH_MAX - 1);
    file->entered = existed;
    return file;
}

static void load(struct file *file, int fd) {
    struct stat found;
    if (fstat(fd, &found)) broken("fstat");
    file->size = (size_t)found.st_size;
    file->synced = more(NULL, file->size);
    if (pread(fd, file->synced, file->size, 0) != found.st_size) broken("pread");
}

/* Content with a change applied to it, all of it or, where `torn`, each sector as chance will have it. */
static void apply(unsigned char **content, size_t *size, const struct change *change, int torn) {
    size_t end = (size_t)change->offset + change->length;
    if (!change->data ? end != *size : end > *size) {
        *content = more(*content, end);
        if (end > *size) memset(*content + *size, 0, end - *size);
        *size = end;
    }
    for (size_t at = (size_t)change->offset; change->data && at < end;) {
        size_t next = (at / SECTOR + 1) * SECTOR;
        if (next > end) next = end;
        if (!torn || chance(2)) memcpy(*content + at, change->data + (at - (size_t)change->offset), next - at);
        at = next;
    }
}

static void note(struct file *file, off_t offset, size_t length, const void *data) {
    file->changes = more(file->changes, (file->count + 1) * sizeof *file->changes);
    struct change *change = &file->changes[file->count++];
    *change = (struct change){offset, length, NULL};
    if (data) change->data = memcpy(more(NULL, length), data, length);
}

static void sync_file(struct file *file) {
    for (size_t i = 0; i < file->count; i++) {
        apply(&file->synced, &file->size, &file->changes[i], 0);
        free(file->changes[i].data);
    }
    file->count = 0;
}

static void sync_folder(void) {
    for (size_t i = 0; i < made; i++) {
        if (files[i].unlinked) files[i].path[0] = 0; /* gone for good */
        else files[i].entered = 1;
    }
}

/* What the disk holds of one file after the power has gone. */
static void survive(struct file *file, uint64_t manner) {
    size_t whole = manner == 1 ? chance(file->count + 1) : 0;
    for (size_t i = 0; i < file->count; i++) {
        if (manner == 0) break;                                          /* nothing since the last fsync */
        if (manner == 1 && i > whole) break;                             /* in order, the last one torn */
        if (manner == 2 && chance(2)) continue;                          /* any of them, torn */
        apply(&file->synced, &file->size, &file->changes[i], manner == 2 || i == whole);
    }
    int fd = real_open(file->path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) broken("open");
    if (real_pwrite(fd, file->synced, file->size, 0) != (ssize_t)file->size) broken("pwrite");
    real_close(fd);
}

static void lose_power(void) {
    uint64_t manner = chance(3);
    for (size_t i = 0; i < made; i++)
        if (files[i].path[0]) real_unlink(files[i].path);
    for (size_t i = 0; i < made; i++) { /* the older first, so that a newer file of the same name replaces it */
        struct file *file = &files[i];
        int there = file->unlinked ? chance(2) : file->entered || chance(2);
        if (file->path[0] && there) survive(file, manner);
    }
    _exit(CUT_STATUS);
}

/* One operation on our files; the power may go before its effect is safe. */
static void tick(void) {
    if (left > 0 && --left == 0) lose_power();
}

/* For the process itself: from now on the files of this registry are watched, and the power goes after `operations`. */
void power_loss_arm(const char *path, long operations, uint64_t seed) {
    pthread_mutex_lock(&guard);
    strncpy(target, path, PATH_MAX - 1);
    strncpy(folder, path, PATH_MAX - 1);
    *strrchr(folder, '/') = 0;
    state = seed;
    left = operations;
    static const char *endings[] = {"", "-wal", "-journal"};
    for (size_t i = 0; i < 3; i++) {
        char name[PATH_MAX + 16];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        int fd = real_open(name, O_RDONLY, 0);
        if (fd < 0) continue;
        load(enter(name, 1), fd);
        real_close(fd);
    }
    pthread_mutex_unlock(&guard);
}

static int opened(const char *path, int flags, mode_t mode) {
    pthread_mutex_lock(&guard);
    int fd = real_open(path, flags, mode);
    if (fd >= 0 && fd < MAX_FDS) {
        by_fd[fd] = NULL;
        is_folder[fd] = left >= 0 && !strcmp(path, folder);
        if (is_ours(path)) {
            struct file *file = named(path);
            by_fd[fd] = file ? file : enter(path, 0);
            if (file && flags & O_TRUNC) note(file, 0, 0, NULL);
        }
    }
    pthread_mutex_unlock(&guard);
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int close(int fd) {
    pthread_mutex_lock(&guard);
    if (fd >= 0 && fd < MAX_FDS) by_fd[fd] = NULL, is_folder[fd] = 0;
    int result = real_close(fd);
    pthread_mutex_unlock(&guard);
    return result;
}

static struct file *watched(int fd) { return fd >= 0 && fd < MAX_FDS ? by_fd[fd] : NULL; }

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) {
    if (!watched(fd)) return real_pwrite(fd, data, length, offset);
    pthread_mutex_lock(&guard);
    ssize_t written = real_pwrite(fd, data, length, offset);
    if (written > 0) note(by_fd[fd], offset, (size_t)written, data);
    tick();
    pthread_mutex_unlock(&guard);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
    REAL("write", ssize_t (*)(int, const void *, size_t));
    if (!watched(fd)) {
        /* Once the power has begun to go, nobody says anything more: what a thread sees of the files then is no news. */
        pthread_mutex_lock(&guard);
        pthread_mutex_unlock(&guard);
        return real(fd, data, length);
    }
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t written = pwrite64(fd, data, length, offset);
    if (written > 0) lseek(fd, offset + written, SEEK_SET);
    return written;
}

int ftruncate64(int fd, off_t size) {
    if (!watched(fd)) return real_ftruncate(fd, size);
    pthread_mutex_lock(&guard);
    int result = real_ftruncate(fd, size);
    if (!result) note(by_fd[fd], size, 0, NULL);
    tick();
    pthread_mutex_unlock(&guard);
    return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd) {
    pthread_mutex_lock(&guard);
    if (watched(fd) || (fd >= 0 && fd < MAX_FDS && is_folder[fd])) {
        tick(); /* the power that goes here goes before anything is safe */
        if (is_folder[fd]) sync_folder();
        else sync_file(by_fd[fd]);
    }
    pthread_mutex_unlock(&guard);
    return 0; /* the disk is this shim: nothing needs to reach the real one */
}

int fsync(int fd) { return synced(fd); }
int fdatasync(int fd) { return synced(fd); }

int unlink(const char *path) {
    pthread_mutex_lock(&guard);
    struct file *file = is_ours(path) ? named(path) : NULL;
    int result = real_unlink(path);
    if (file && !result) {
        file->unlinked = 1;
        if (!file->entered) file->path[0] = 0;
        tick();
    }
    pthread_mutex_unlock(&guard);
    return result;
}
