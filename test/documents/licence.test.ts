import { expect, test } from "vitest";

import { statedLicence } from "../../src/documents/licence.ts";

test.each([
  ["---\nlicense: apache-2.0\n---\n# Title", "apache-2.0"],
  ["---\r\ntags:\r\n- x\r\nlicense:  llama3.1  \r\n---\r\n", "llama3.1"],
  ['---\nlicense: "mit"\n---', "mit"],
  ["---\nlicense: 'cc-by-nc-4.0'\n---\n", "cc-by-nc-4.0"],
])("%j states %j", (card, licence) => {
  expect(statedLicence(card)).toBe(licence);
});

test.each([
  "",
  "# Title\n\nlicense: mit\n",
  "---\ntags: []\n---\nlicense: mit\n",
  "---\nlicense: mit\n",
  "---\nlicense: mit\nlicense: apache-2.0\n---\n",
  "---\nmodel:\n  license: mit\n---\n",
  "---\nlicense: [mit, apache-2.0]\n---\n",
  "---\nlicense:\n- mit\n---\n",
  "---\nlicense: other\n---\n",
  "---\nlicense: unknown\n---\n",
  '---\nlicense: mit"\\n\n---\n',
  "---\nlicense: mit # or so\n---\n",
  `---\nlicense: ${"x".repeat(65)}\n---\n`,
  " ---\nlicense: mit\n---\n",
])("%j states none that can be taken over", (card) => {
  expect(statedLicence(card)).toBeUndefined();
});

test("front matter that never ends states none", () => {
  expect(statedLicence(`---\n${"license: ".repeat(7000)}\n${"\n--".repeat(10_000)}`)).toBeUndefined();
});
