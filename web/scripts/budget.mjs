// What a browser loads before the first screen, from the build's manifest: fails above the budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 400;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist)));
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);

const wanted = new Set();
const follow = (key) => {
  const chunk = manifest[key];
  if (wanted.has(chunk.file)) return;
  wanted.add(chunk.file);
  for (const css of chunk.css ?? []) wanted.add(css);
  for (const other of chunk.imports ?? []) follow(other);
};
follow(entry);
// The home page follows at once for who is signed in, so it counts.
const home = Object.keys(manifest).find((key) => key.startsWith("src/home/"));
if (home) follow(home);

let total = 0;
for (const file of [...wanted, "index.html", "theme.js"]) {
  const size = gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000;
  total += size;
  console.log(`${size.toFixed(1).padStart(8)} kB  ${file}`);
}
console.log(`${total.toFixed(1).padStart(8)} kB  in all, gzipped; the budget is ${BUDGET_KB} kB`);
if (total > BUDGET_KB) {
  console.error("The first load is over its budget: load something on demand, or do without it.");
  process.exit(1);
}
