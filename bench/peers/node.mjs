// @contentauth/c2pa-node, as its README uses it: one loop over files, in one process.
//
//   node node.mjs MODE PACKAGE [--output DIR --key FILE --chain FILE] SOURCE...
//
// MODE is `documented` or `read`; PACKAGE is the folder that the package was installed into. It is run by
// `bench/peers.py` and prints one line of JSON: files, bytes, the seconds of the loop, those of the start before it, and
// the peak of memory in bytes.
//
// `documented` follows the sections "Builder", "LocalSigner" and "Reader" of the README: a builder from a definition with
// one action, `c2pa.created` (the same as in the documented example of c2pa-python); `sign` from path to path; then
// `Reader.fromAsset` on the result and its JSON. All settings are as they come, the automatic thumbnail is on. The signer
// is made once, and no time-stamp authority is asked.

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const CREATED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation";
const { values, positionals } = parseArgs({
  options: { output: { type: "string" }, key: { type: "string" }, chain: { type: "string" } },
  allowPositionals: true,
});
const [mode, folder, ...sources] = positionals;
const entry = join(resolve(folder), "node_modules", "@contentauth", "c2pa-node", "dist", "index.js");
const { Builder, LocalSigner, Reader } = await import(pathToFileURL(entry).href);

async function read(path) {
  const reader = await Reader.fromAsset({ path });
  return reader.json();
}

// The most memory held, as in engine.py: resourceUsage() would count what the parent held when it forked.
function peak() {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "ascii") : "";
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

function signing() {
  const signer = LocalSigner.newSigner(readFileSync(values.chain), readFileSync(values.key), "es256");
  return async (path) => {
    const target = join(values.output, basename(path));
    const action = { action: "c2pa.created", digitalSourceType: CREATED, softwareAgent: "Node example" };
    const builder = Builder.withJson({
      claim_generator_info: [{ name: "node_example", version: "0.0.1" }],
      title: "Node Example Image",
      ingredients: [],
      assertions: [{ label: "c2pa.actions", data: { actions: [action] } }],
    });
    builder.sign(signer, { path }, { path: target });
    await read(target);
  };
}

const one = mode === "documented" ? signing() : read;
const ready = performance.now();
for (const source of sources) await one(source);
const done = performance.now();
console.log(
  JSON.stringify({
    files: sources.length,
    bytes: sources.reduce((sum, source) => sum + statSync(source).size, 0),
    seconds: (done - ready) / 1000,
    startup: ready / 1000,
    peak: peak(),
  }),
);
