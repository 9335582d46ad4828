// Unpacks the packaged Chromium and the libraries it needs: node unpack.mjs PACKAGE_BIN_FOLDER TARGET_FOLDER
import { createReadStream, createWriteStream, mkdirSync, chmodSync } from "node:fs";
import { createBrotliDecompress } from "node:zlib";
import { pipeline } from "node:stream/promises";
import { join } from "node:path";
import { createRequire } from "node:module";

const [source, target] = process.argv.slice(2);
const tar = createRequire(join(source, "package.json"))("tar-fs");

mkdirSync(target, { recursive: true });
for (const name of ["al2023", "swiftshader", "fonts"]) {
  await pipeline(createReadStream(join(source, `${name}.tar.br`)), createBrotliDecompress(), tar.extract(join(target, name)));
}
const binary = join(target, "chromium");
await pipeline(createReadStream(join(source, "chromium.br")), createBrotliDecompress(), createWriteStream(binary));
chmodSync(binary, 0o755);
