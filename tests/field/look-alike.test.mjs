// Hosts that imitate the official one, and hosts that do not.
import assert from "node:assert/strict";
import { domainToASCII } from "node:url";
import { test } from "node:test";

import { lookAlike } from "../../traceqr/web/static/field/look-alike.js";
import { toUnicode } from "../../traceqr/web/static/field/punycode.js";

const OFFICIAL = ["qr.traceqr.cn", "label.example.org:8443"];
const imitated = (text, hosts = OFFICIAL) => lookAlike(text, hosts)?.official ?? null;

const ALIKE = [
  "https://qr.tracecqr.cn/01/1",
  "https://qr.tracerq.cn/",
  "HTTPS://QR.TRACEQR.COM/01/06901234567892/21/0000000100000000?s=1",
  "https://qr.traceqr.com.cn/",
  "https://qrtraceqr.cn/",
  "https://qr-traceqr.cn/",
  "https://qr.traceqr.cn.pay.example/",
  "https://qr-traceqr-cn.example/",
  "https://www.traceqr.net/",
  "https://check-traceqr.top/",
  "https://qr.traceqr.cn@evil.example/",
  "https://qr.traceqr.cn:443@203.0.113.9/",
  "https://qr.tracegr.cn/",
  "https://qr.тrасеqr.cn/",
  `https://${domainToASCII("qr.trаceqr.cn")}/01/1`,
  "https://qr.tráceqr.cn/",
  "qr.traceqr.co/01/1",
  "qr.traceqr.co:8443/01/1",
  "https://x:qr.traceqr.cn@evil.example/",
  "https:/qr.traceqr.co/01/1",
  "https:\\\\qr.traceqr.co\\01\\1",
  "HTTPS:qr.traceqr.co",
  "\u0001https://qr.traceqr.co/\0",
  "http://qr.traceqr.vip",
];

const OTHERS = [
  "https://qr.traceqr.cn/01/1",
  "HTTPS://QR.TRACEQR.CN/01/1",
  "https://qr.traceqr.cn:8443/",
  "https://www.traceqr.cn/",
  "https://traceqr.cn/",
  "https://eu.qr.traceqr.cn/",
  "https://label.example.org:8443/01/1",
  "https://weixin.qq.com/r/abc",
  "https://u.wechat.com/x",
  "https://www.gs1.org/",
  "https://qr.alipay.com/abc",
  "https://dangdang.com/",
  "https://127.0.0.1/",
  "WIFI:S:traceqr;;",
  "6901234567892",
  "traceqr",
  "",
  "https://",
  "https:",
  "http:\\\\",
  "https://xn--a/",
  "javascript:alert(1)//qr.traceqr.com",
  "x".repeat(100_000),
];

test("imitations are called so", () => {
  for (const text of ALIKE) assert.equal(imitated(text), "qr.traceqr.cn", text);
});

test("nothing else is", () => {
  for (const text of OTHERS) assert.equal(imitated(text), null, text.slice(0, 60));
});

test("it says where the code leads", () => {
  assert.deepEqual(lookAlike("https://qr.traceqr.cn@evil.example:8000/", OFFICIAL), {
    host: "evil.example:8000",
    official: "qr.traceqr.cn",
  });
});

test("official addresses in numbers are imitated by nobody", () => {
  assert.equal(imitated("https://192.168.1.11/", ["192.168.1.10:8000"]), null);
  assert.equal(imitated("https://traceqr.cn/", ["localhost"]), null);
  assert.equal(imitated("https://127.0.0.1:8000@evil.example/", ["127.0.0.1:8000"]), "127.0.0.1:8000");
});

test("a province is nobody's house", () => {
  assert.equal(imitated("https://tracepr.gd.cn/", ["traceqr.gd.cn"]), "traceqr.gd.cn");
  assert.equal(imitated("https://www.traceqr.gd.cn/", ["qr.traceqr.gd.cn"]), null);
  assert.equal(imitated("https://tracepr.gd.cn/", ["tracepr.gd.cn"]), null);
});

test("a name of a few letters is no ground to suspect others", () => {
  for (const text of ["https://qcnews.com/", "https://q.com/", "https://t.cn/", "https://qq.cn/"])
    assert.equal(imitated(text, ["q.cn"]), null, text);
});

test("punycode is read", () => {
  for (const name of ["bücher.example", "例え.テスト", "中国.cn", "ünïcödé.example", "faß.example"])
    assert.equal(toUnicode(domainToASCII(name)), name);
  for (const odd of ["xn--", "xn--a", "xn--99999999", "xn--é"]) assert.equal(typeof toUnicode(odd), "string");
});
