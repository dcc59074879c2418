// What a browser loads before the first screen of each page, from the build's manifest: fails above the budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const PAGES = [
  { page: "index.html", budget: 400, also: "src/home/" }, // home follows at once for who is signed in, so it counts
  { page: "return.html", budget: 90, also: null }, // customers, on their phones
];
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist)));

let isOver = false;
for (const { page, budget, also } of PAGES) {
  const wanted = new Set();
  const follow = (key) => {
    const chunk = manifest[key];
    if (wanted.has(chunk.file)) return;
    wanted.add(chunk.file);
    for (const css of chunk.css ?? []) wanted.add(css);
    for (const other of chunk.imports ?? []) follow(other);
  };
  follow(page);
  const next = also && Object.keys(manifest).find((key) => key.startsWith(also));
  if (next) follow(next);

  let total = 0;
  for (const file of [...wanted, page, "theme.js"]) {
    const size = gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000;
    total += size;
    console.log(`${size.toFixed(1).padStart(8)} kB  ${file}`);
  }
  console.log(`${total.toFixed(1).padStart(8)} kB  ${page} in all, gzipped; the budget is ${budget} kB`);
  if (total > budget) isOver = true;
}
if (isOver) {
  console.error("A first load is over its budget: load something on demand, or do without it.");
  process.exit(1);
}
