"""What goes wrong in the field: the network, the device, the clock, the data. Nothing is lost by it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator

import pytest
from browser.field import Field, close_record, go, new_field, new_record, set_up, sign_in, unlock, write_record
from browser.phone import PASSCODE, Phone
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from support.inspections import Key, by, canonical, digest, enrolled, envelope, later, record
from support.portal import ANSWERS, until

from traceqr import activating, equipping, inspecting
from traceqr.activating import Range
from traceqr.instant import DAY_MS

QUICK = """() => {
    const own = AbortSignal.timeout.bind(AbortSignal);
    AbortSignal.timeout = (ms) => own(Math.min(ms, 1500));
}"""
"""The app waits twenty seconds for an answer; here less, where none is to come. Elsewhere machines may be busy."""

API = "/inspect/api/"


@pytest.fixture(scope="module")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with new_field(tmp_path_factory.mktemp("faults"), browser.browser_type, workers=2) as opened:
        opened.serve()
        opened.publish()
        yield opened


@pytest.fixture(scope="module")
def phone(field: Field) -> Phone:
    """One phone for all tests: each finds its outbox empty and leaves it so."""
    made = field.phone("phone")
    page = made.start()
    set_up(page, field.origin, field.inspectors[0])
    page.close()
    return made


@pytest.fixture(autouse=True)
def nobody_stays() -> None:
    """The phone stays for all tests of this module."""


@pytest.fixture
def page(field: Field, phone: Phone) -> Iterator[Page]:
    """The app, unlocked; the network is as it should be before and after."""
    field.portal.mode, field.portal.on = "open", "/"
    opened = phone.open()
    unlock(opened)
    yield opened
    field.portal.mode, field.portal.on = "open", "/"
    field.portal.replaced.clear()
    for each in phone.browser.contexts[0].pages if phone.browser else []:
        each.close()


def entries(field: Field) -> int:
    return int(field.rows("SELECT count(*) AS n FROM inspection_entry")[0]["n"])


def waiting(page: Page, count: int) -> None:
    go(page, "outbox")
    expect(page.locator(".big")).to_have_attribute("data-waiting", str(count), timeout=20_000)


def send(page: Page) -> None:
    go(page, "outbox")
    page.get_by_role("button", name="Send now").click()


def test_whatever_the_network_answers_the_record_is_sent_once(field: Field, page: Page) -> None:
    before = entries(field)
    field.portal.mode, field.portal.on = "cut", API
    page.evaluate(QUICK)
    new_record(page)
    for mode in ("cut", "hang", *ANSWERS):
        field.portal.mode = mode
        send(page)
        expect(page.get_by_role("button", name="Send now")).to_be_enabled(timeout=20_000)
        waiting(page, 1)
        assert entries(field) == before, mode
    # The server takes it, and its answer is lost on the way: the phone sends it again, and it is there once.
    field.portal.mode, field.portal.on = "swallow", f"{API}entries"
    send(page)
    until(lambda: entries(field) == before + 1)
    expect(page.get_by_role("button", name="Send now")).to_be_enabled(timeout=20_000)
    waiting(page, 1)
    field.portal.mode = "open"
    send(page)
    waiting(page, 0)
    assert entries(field) == before + 1


def test_signed_out_in_the_field(field: Field, phone: Phone, page: Page) -> None:
    """The session ends while one is away: nothing is lost, and signing in sends it."""
    before = entries(field)
    assert phone.browser is not None
    phone.browser.contexts[0].clear_cookies()
    new_record(page)
    expect(page.locator(".notices")).to_contain_text("You are signed out")
    waiting(page, 1)
    sign_in(page, field.origin, field.inspectors[0])
    unlock(page)
    waiting(page, 0)
    until(lambda: entries(field) == before + 1)


def test_two_windows_send_once(field: Field, phone: Phone, page: Page) -> None:
    field.portal.mode, field.portal.on = "cut", API
    new_record(page)
    other = phone.open()
    unlock(other)
    waiting(other, 1)
    waiting(page, 1)
    field.portal.asked.clear()
    field.portal.mode = "open"
    for each in (page, other):
        each.get_by_role("button", name="Send now").click(no_wait_after=True)
    for each in (page, other):
        waiting(each, 0)
    assert field.portal.count("POST", f"{API}entries") == 1


def test_a_draft_is_open_in_one_window(phone: Phone, page: Page) -> None:
    go(page, "records")
    page.get_by_role("button", name="New inspection").click()
    page.get_by_label("Legal basis").fill("one")
    other = phone.open()
    unlock(other)
    go(other, page.url.partition("#/")[2])
    expect(other.locator("main")).to_contain_text("open in another window")
    follow_to_review(page)
    delete_draft(page)


def delete_draft(page: Page) -> None:
    """On the last screen of a draft. It is gone once the list is there: the screen before tells nothing of drafts."""
    page.get_by_role("button", name="Delete this draft").click()
    page.click("dialog .go")
    expect(page.get_by_role("heading", name="Inspections")).to_be_visible()
    expect(page.get_by_text("Draft: on this phone alone")).to_have_count(0)


def follow_to_review(page: Page) -> None:
    go(page, page.url.partition("#/")[2].rpartition("/")[0] + "/review")
    expect(page.locator(".open-points")).to_be_visible()
    expect(page.get_by_role("button", name="Sign and close")).to_be_disabled()


def test_killed_in_the_middle_of_typing(field: Field, phone: Phone, page: Page) -> None:
    """What is found again is what was typed up to some moment, whole."""
    go(page, "records")
    page.get_by_role("button", name="New inspection").click()
    text = "".join(chr(0x4E00 + at) for at in range(120))
    page.get_by_label("Legal basis").press_sequentially(text[:60])
    expect(page.locator(".saved")).to_have_text("Saved on this phone")
    page.get_by_label("Legal basis").press_sequentially(text[60:])
    phone.kill()
    reopened = phone.start()
    unlock(reopened)
    go(reopened, "records")
    reopened.get_by_text("Draft: on this phone alone").click()
    kept = reopened.get_by_label("Legal basis").input_value()
    assert text.startswith(kept)
    assert len(kept) >= 60
    follow_to_review(reopened)
    delete_draft(reopened)
    sign_in(reopened, field.origin, field.inspectors[0])


def test_killed_in_the_middle_of_photos(field: Field, phone: Phone, page: Page) -> None:
    """What the server has already is not sent again."""
    field.portal.mode, field.portal.on = "cut", API
    begin_with_photos(page, 12)
    write_and_close(page)
    field.portal.asked.clear()
    field.portal.on, field.portal.mode = f"{API}entries", "cut"
    field.portal.limits[f"{API}photos/"] = 5
    send(page)
    until(lambda: field.portal.count("PUT", f"{API}photos/") >= 5)
    phone.kill()
    field.portal.limits.clear()
    field.portal.mode = "open"
    reopened = phone.start()
    unlock(reopened)
    waiting(reopened, 1)
    sign_in(reopened, field.origin, field.inspectors[0])
    unlock(reopened)
    waiting(reopened, 0)
    assert field.portal.count("PUT", f"{API}photos/") <= 12 + 3, "at most those that were under way go twice"
    assert field.rows("SELECT count(*) AS n FROM field_photo")[0]["n"] == 12


def begin_with_photos(page: Page, count: int) -> None:
    go(page, "records")
    page.get_by_role("button", name="New inspection").click()
    expect(page.get_by_label("Legal basis")).to_be_visible()
    go(page, page.url.partition("#/")[2].replace("basis", "photos"))
    files = [{"name": f"{at}.jpg", "mimeType": "image/jpeg", "buffer": picture(at)} for at in range(count)]
    page.set_input_files("#choose-photos", files)  # type: ignore[arg-type]
    expect(page.locator(".shots li")).to_have_count(count, timeout=60_000)


def write_and_close(page: Page) -> None:
    go(page, page.url.partition("#/")[2].replace("photos", "basis"))
    expect(page.get_by_label("Legal basis")).to_be_visible()
    write_record(page)
    close_record(page)


def picture(at: int) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (96, 64), (at * 37 % 256, at * 91 % 256, at * 53 % 256)).save(made, "JPEG")
    return made.getvalue()


def test_two_hundred_photos_and_no_more(field: Field, page: Page) -> None:
    field.portal.mode, field.portal.on = "cut", API
    begin_with_photos(page, 200)
    page.set_input_files("#choose-photos", [{"name": "x.jpg", "mimeType": "image/jpeg", "buffer": picture(201)}])  # type: ignore[list-item]
    expect(page.locator(".step .told.refused")).to_contain_text("more than 200 photos")
    expect(page.locator(".shots li")).to_have_count(200)
    write_and_close(page)
    before = entries(field)
    field.portal.mode = "open"
    send(page)
    expect(page.locator(".big")).to_have_attribute("data-waiting", "0", timeout=120_000)
    assert entries(field) == before + 1


def test_a_record_that_was_altered_on_the_phone(field: Field, page: Page) -> None:
    """Whoever knows the passcode can write anew what is kept, and not what was signed."""
    field.portal.mode, field.portal.on = "cut", API
    new_record(page, "第一处")
    alter(page)
    before = entries(field)
    field.portal.mode = "open"
    send(page)
    expect(page.locator("[data-fault]")).to_have_attribute("data-fault", "signature-broken")
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "refused")
    assert entries(field) == before
    forget_all(page)


def alter(page: Page) -> None:
    """Change a word of every entry that is kept, sealed as it should be."""
    page.evaluate(
        """async ([base, passcode]) => {
            const { Store, PLAIN, SEALED } = await import(base + "store.js");
            const { Vault } = await import(base + "vault.js");
            const store = await Store.open();
            const vault = await Vault.open(await store.get(PLAIN, "vault"), passcode);
            for (const key of await store.keys(SEALED, "text/")) {
                const kept = await vault.unsealValue(key, await store.get(SEALED, key));
                const text = kept.text.replace("第一处", "第二处");
                await store.write([SEALED, key, await vault.sealValue(key, { ...kept, text })]);
            }
            store.close();
        }""",
        [base(page), PASSCODE],
    )


def base(page: Page) -> str:
    """Where the app's modules are."""
    return str(page.evaluate("document.querySelector('script[type=module]').src.replace(/app\\.js$/, '')"))


def forget_all(page: Page) -> None:
    """Out of the test's way: no button of the app forgets what the server does not have."""
    page.evaluate(
        """async (base) => {
            const { Store, SEALED } = await import(base + "store.js");
            const store = await Store.open();
            const gone = [...(await store.keys(SEALED, "text/")), ...(await store.keys(SEALED, "entry/"))];
            await store.write(...gone.map((key) => [SEALED, key, null]));
            store.close();
        }""",
        base(page),
    )
    page.reload()


def test_a_conflict_is_shown_and_never_merged(field: Field, page: Page) -> None:
    """Another entry of the same number: the phone was put back to what it was yesterday."""
    new_record(page, "第三处")
    waiting(page, 0)
    before = entries(field)
    page.evaluate(COPY, base(page))
    open_record(page, "第三处")
    add(page, "one")
    until(lambda: entries(field) == before + 1)
    waiting(page, 0)
    page.evaluate(RESTORE, base(page))
    # With no network: else the record's later entry is fetched as it is opened, and what is added comes behind it.
    field.portal.mode, field.portal.on = "cut", API
    open_record(page, "第三处")
    add(page, "two")
    expect(page.locator("[data-entry='1'] [data-state]")).to_have_attribute("data-state", "waiting")
    field.portal.mode = "open"
    send(page)
    expect(page.locator("[data-fault]")).to_be_visible(timeout=20_000)
    open_record(page, "第三处")
    expect(page.locator("[data-fault]")).to_have_attribute("data-fault", "entry-conflict")
    expect(page.locator("[data-entry='1'] [data-state]").first).to_have_attribute("data-state", "conflict")
    expect(page.locator("[data-fault]")).to_contain_text("there")
    assert entries(field) == before + 1
    (held,) = field.rows("SELECT content FROM inspection_entry WHERE entry = 1")
    assert json.loads(held["content"])["addition"]["text"] == "one"
    forget_all(page)


COPY = """async (base) => {
    const { Store, SEALED } = await import(base + "store.js");
    const store = await Store.open();
    window.copied = [await store.keys(SEALED, ""), await store.values(SEALED, "")];
    store.close();
}"""
RESTORE = """async (base) => {
    const { Store, SEALED } = await import(base + "store.js");
    const store = await Store.open();
    const [keys, values] = window.copied;
    const gone = (await store.keys(SEALED, "")).filter((key) => !keys.includes(key));
    await store.write(...gone.map((key) => [SEALED, key, null]), ...keys.map((key, at) => [SEALED, key, values[at]]));
    store.close();
}"""


def open_record(page: Page, name: str) -> None:
    go(page, "records")
    page.get_by_text(name).first.click()


def add(page: Page, text: str) -> None:
    page.get_by_text("Add to this record").click()
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Sign the addition").click()


def test_the_camera_is_refused_and_a_photo_does(field: Field, phone: Phone, page: Page) -> None:
    denied = phone.open(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));"
    )
    unlock(denied)
    go(denied, "scan")
    denied.get_by_role("button", name="Camera").click()
    expect(denied.locator(".told.refused")).to_contain_text("The camera was refused")
    expect(denied.get_by_role("button", name="Camera")).to_be_visible()
    judge(denied, field, field.text(2), "genuine")


def judge(page: Page, field: Field, text: str, verdict: str, place: str = "verdict") -> None:
    """Scan by a photo: the verdict that is shown, or the one of another place, such as `offline`."""
    photo = {"name": "label.png", "mimeType": "image/png", "buffer": field.symbol(text)}
    page.set_input_files("#label-photo", photo)  # type: ignore[arg-type]
    told = page.locator(f".verdict-card[data-{place}], .verdict-card [data-{place}]")
    expect(told).to_have_attribute(f"data-{place}", verdict, timeout=20_000)
    page.get_by_role("button", name="Clear the list").click()
    expect(page.locator(".verdict-card")).to_have_count(0)


def shifted(ms: int) -> str:
    """A clock that goes wrong by so much."""
    return f"""{{
        const Own = Date;
        const now = () => Own.now() + {ms};
        globalThis.Date = class extends Own {{
            constructor(...given) {{ given.length ? super(...given) : super(now()); }}
            static now() {{ return now(); }}
        }};
    }}"""


@pytest.mark.parametrize(("shift", "words"), [(-365 * DAY_MS, "The clock was set back"), (5 * DAY_MS, "Data expired")])
def test_nothing_is_good_by_a_clock_that_was_set_or_data_that_has_expired(
    field: Field, phone: Phone, page: Page, shift: int, words: str
) -> None:
    field.portal.mode, field.portal.on = "cut", API
    wrong = phone.open(shifted(shift))
    unlock(wrong)
    expect(wrong.locator(".head .state")).to_contain_text(words)
    go(wrong, "scan")
    judge(wrong, field, field.text(2), "unchecked")
    judge(wrong, field, field.forged(), "forged")
    # Put right, and with network, it is as it was.
    field.portal.mode = "open"
    right = phone.open()
    unlock(right)
    expect(right.locator(".head .state")).to_contain_text("Data: ", timeout=20_000)


def publish_altered_on_the_way(field: Field) -> None:
    """A bundle of whose only part one octet is another. By itself the app may fetch it as soon as it is there."""
    field.portal.mode, field.portal.on = "cut", f"{API}parts"
    field.publish()
    (row,) = field.rows("SELECT digest, content FROM bundle_part WHERE dropped_ms IS NULL")
    part = base64.b64decode(row["content"])
    altered = bytes([*part[:-1], part[-1] ^ 1])
    field.portal.replaced[f"{API}parts?d={row['digest']}"] = len(part).to_bytes(4, "big") + altered
    field.portal.mode, field.portal.on = "open", "/"


def test_older_and_broken_data_is_refused_and_what_was_there_is_kept(field: Field, page: Page) -> None:
    path = f"{API}bundles/all"
    old = bytes(page.evaluate("path => fetch(path).then(a => a.arrayBuffer()).then(b => [...new Uint8Array(b)])", path))
    activating.void(field.world.desk, Range(field.batch.number, 50, 50), "lost by the printer")
    publish_altered_on_the_way(field)
    go(page, "phone")
    fetch = page.get_by_role("button", name="Fetch the latest data")
    fetch.click()
    expect(page.locator("main")).to_contain_text("A part of the data came altered, and was refused.", timeout=20_000)
    go(page, "scan")
    judge(page, field, field.text(2), "unchecked", "offline")
    field.portal.replaced.clear()
    go(page, "phone")
    fetch.click()
    version = page.locator(".facts-of div", has_text="Version").first
    expect(version).to_contain_text("2", timeout=20_000)
    for content, words in (
        (old, "older than what is here"),
        (old[:-9], "not written as it must be"),
        (old[:70] + old[70:].replace(b'"version":1', b'"version":9'), "signature of the data that came does not hold"),
    ):
        field.portal.replaced[path] = content
        fetch.click()
        expect(page.locator("main")).to_contain_text(words, timeout=20_000)
        expect(version).to_contain_text("2")
    expect(page.locator(".head .state")).to_contain_text("Data: ")


def test_a_newer_app_waits_until_it_is_taken(field: Field, page: Page) -> None:
    worker = page.evaluate("fetch('/inspect/worker.js').then(answer => answer.text())")
    field.portal.replaced["/inspect/worker.js"] = f"{worker}\n// newer".encode()
    page.evaluate("navigator.serviceWorker.getRegistration('/inspect/').then(found => found.update())")
    expect(page.locator(".notices")).to_contain_text("A new version of the app is ready", timeout=20_000)
    expect(page.locator("#passcode")).to_have_count(0)
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("#passcode")).to_be_visible(timeout=20_000)


def test_a_record_that_is_not_on_the_phone_any_more_is_added_to(field: Field, page: Page) -> None:
    new_record(page, "第四处")
    waiting(page, 0)
    go(page, "phone")
    page.get_by_role("button", name="Remove what was received").click()
    page.click("dialog .go")
    go(page, "records")
    expect(page.locator("main")).to_contain_text("There are none on this phone.")
    page.get_by_role("button", name="Show them").last.click()
    page.get_by_text("第四处").click()
    expect(page.locator("[data-entry='0']")).to_contain_text("产品质量法第十八条")
    before = entries(field)
    add(page, "afterwards")
    until(lambda: entries(field) == before + 1)
    waiting(page, 0)


def test_two_windows_set_one_phone_up_once(field: Field) -> None:
    phone = field.phone("two-windows")
    windows = [phone.start(), phone.open()]
    sign_in(windows[0], field.origin, field.inspectors[0])
    for window in windows:
        window.click(".dock .go")
    for window, passcode in zip(windows, (PASSCODE, "another 2 words"), strict=True):
        window.fill("#passcode", passcode)
        window.fill("#again", passcode)
        window.click(".dock .go")
        expect(window.locator("#again")).to_have_count(0)
    expect(windows[1].locator("h2")).to_have_text("Locked")
    unlock(windows[1])
    assert phone.faults == []
    phone.kill()


def test_an_addition_is_kept_as_it_is_written_and_carries_photos(field: Field, phone: Phone, page: Page) -> None:
    new_record(page, "第五处")
    waiting(page, 0)
    open_record(page, "第五处")
    page.get_by_text("Add to this record").click()
    page.get_by_label("Text").fill("补拍两张")
    files = [{"name": f"{at}.jpg", "mimeType": "image/jpeg", "buffer": picture(210 + at)} for at in range(3)]
    page.set_input_files("#choose-photos", files)  # type: ignore[arg-type]
    expect(page.locator(".shots li")).to_have_count(3)
    page.get_by_label("Caption").first.fill("封条")
    page.get_by_role("button", name="Take out").last.click()
    page.click("dialog .go")
    expect(page.locator(".shots li")).to_have_count(2)
    expect(page.locator("[data-writing] .saved")).to_have_text("Saved on this phone")
    phone.kill()
    page = phone.start()
    sign_in(page, field.origin, field.inspectors[0])
    unlock(page)
    go(page, "records")
    page.get_by_text("Addition, not signed yet").click()
    expect(page.get_by_label("Text")).to_have_value("补拍两张")
    expect(page.get_by_label("Caption").first).to_have_value("封条")
    before = entries(field)
    page.get_by_role("button", name="Sign the addition").click()
    expect(page.locator("[data-entry='1'] .shots li")).to_have_count(2)
    until(lambda: entries(field) == before + 1)
    (row,) = field.rows("SELECT content FROM inspection_entry WHERE entry = 1 AND content LIKE '%补拍两张%'")
    photos = json.loads(row["content"])["addition"]["photos"]
    assert [each["caption"] for each in photos] == ["封条", ""]
    for each in photos:
        assert field.rows("SELECT bytes FROM field_photo WHERE digest = :digest", digest=each["digest"])
    waiting(page, 0)
    go(page, "records")
    expect(page.get_by_text("Addition, not signed yet")).to_have_count(0)


def test_what_is_told_anew_does_not_take_the_form_from_whoever_begins_to_write(field: Field, page: Page) -> None:
    """The screen is read again for news while an officer opens the form: it stays as it is."""
    new_record(page, "第九处")
    waiting(page, 0)
    open_record(page, "第九处")
    expect(page.get_by_text("Add to this record")).to_be_visible()
    page.evaluate(HOLD)
    page.evaluate("new BroadcastChannel('traceqr-inspect').postMessage('told')")
    until(lambda: page.evaluate("window.held.length"))
    page.get_by_text("Add to this record").click()
    page.evaluate("window.release()")
    page.get_by_label("Text").fill("写了一半")
    before = entries(field)
    page.get_by_role("button", name="Sign the addition").click()
    until(lambda: entries(field) == before + 1)
    waiting(page, 0)


HOLD = """() => {
    const own = crypto.subtle.decrypt.bind(crypto.subtle);
    window.held = [];
    crypto.subtle.decrypt = async (how, ...given) => {
        const name = new TextDecoder().decode(how.additionalData);
        if (name.startsWith("text/")) await new Promise((go) => window.held.push(go));
        return own(how, ...given);
    };
    window.release = () => {
        crypto.subtle.decrypt = own;
        for (const go of window.held) go();
        return new Promise((done) => setTimeout(done, 500)); // by then a screen that were drawn would be there
    };
}"""
"""What was signed on the phone is read, by the screen that is to show it, only once it is released."""


def test_an_ordered_correction_is_looked_at_by_a_phone_that_has_nothing_of_it(field: Field, page: Page) -> None:
    """A colleague ordered it, with his own phone; what he added is seen, and what is added comes behind it."""
    ordered, added = order_correction(field, "第六处", "下架四箱")
    go(page, "records")
    page.get_by_role("button", name="Show them").first.click()
    page.get_by_text("第六处").click()
    expect(page.locator("[data-entry='0']")).to_contain_text("not on this phone")
    expect(page.locator("main")).to_contain_text("下架四箱")
    page.get_by_role("button", name="Begin a follow-up").click()
    expect(page.locator(".progress")).to_be_visible()
    expect(page.locator("main")).to_contain_text("第六处")
    expect(page.locator("main")).to_contain_text("下架四箱")
    go(page, page.url.partition("#/")[2].replace("basis", "premises"))
    expect(page.get_by_label("Name of the premises")).to_have_value("第六处")
    follow_to_review(page)
    delete_draft(page)
    # In the cellar: what was looked up is there, and is looked at by an addition.
    field.portal.mode, field.portal.on = "cut", API
    go(page, f"entry/{ordered}")
    page.get_by_text("Add to this record").click()
    expect(page.get_by_text("Correction of the record")).to_have_count(0)  # by its officers alone
    page.get_by_text("An ordered correction was looked at").click()
    page.locator("[data-writing] label", has_text="下架四箱").click()
    page.get_by_label("Text").fill("已下架")
    page.get_by_role("button", name="Sign the addition").click()
    expect(page.locator("[data-entry='2']")).to_contain_text("已下架")
    expect(page.locator("main")).to_contain_text("✓ looked at")
    field.portal.mode = "open"
    waiting(page, 1)
    send(page)
    waiting(page, 0)
    (row,) = field.rows("SELECT followed_entry FROM inspection_correction WHERE inspection_id = :id", id=ordered)
    assert row["followed_entry"] == 2
    (last,) = field.rows("SELECT content FROM inspection_entry WHERE inspection_id = :id AND entry = 2", id=ordered)
    assert json.loads(last["content"])["previous"] == added
    go(page, "records")
    page.get_by_role("button", name="Show them").first.click()
    expect(page.locator("main")).to_contain_text("There are none.")


def order_correction(field: Field, name: str, what: str) -> tuple[str, str]:
    """A record of the second inspector with an addition; its id, and the digest of the addition."""
    account, key = field.inspectors[1].account.id, Key()
    device, inspection = enrolled(field.world, field.inspectors[1], key), "5" * 32
    said = record(measures=[{"kind": "ordered", "what": what, "quantity": None, "numbers": [], "until": "2030-01-31"}])
    said = by({**said, "premises": {**said["premises"], "name": name}}, account, "f" * 16)
    said["officers"] = said["officers"][:1]
    said["alone"] = "同事生病"
    said["signatures"] = [each for each in said["signatures"] if each["account"] != "f" * 16]
    given = {"inspection": inspection, "device": device, "account": account}
    first = canonical(envelope(**given, record=said))
    second = canonical(later(digest(first), **given))
    for text in (first, second):
        inspecting.take(field.world.desk, field.inspectors[1].identity, inspecting.read(text), key.sign_entry(text))
    return inspection, digest(second)


def test_a_revoked_device(field: Field, phone: Phone, page: Page) -> None:
    field.portal.mode, field.portal.on = "cut", API
    new_record(page)
    mine = "SELECT id FROM field_device WHERE state = 'enrolled' AND account_id = :account"
    (device,) = field.rows(mine, account=field.inspectors[0].account.id)
    equipping.revoke(field.world.desk, device["id"])
    field.portal.mode = "open"
    send(page)
    expect(page.locator("[data-fault]")).to_have_attribute("data-fault", "device-revoked")
    expect(page.locator(".notices")).to_contain_text("This device was revoked")
    go(page, "phone")
    expect(page.locator("main")).to_contain_text("show it to your office")
