// The first page must come quickly over a school's line: its files, compressed, stay below a limit.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 350 * 1024;
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const files = new Set();
/** A chunk with all that it needs before it can run. */
const take = (key) => {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const needed of chunk.imports ?? []) take(needed);
};
take('index.html');
take('src/shell/HomePage.tsx');
if (files.size === 0) throw new Error('the manifest names no first page: was it built?');
let sum = gzipSync(readFileSync('dist/index.html')).length;
for (const file of files) sum += gzipSync(readFileSync(`dist/${file}`)).length;
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} kB`;
console.log(
  `first page: ${kilobytes(sum)} gzip in ${files.size + 1} files, of ${kilobytes(LIMIT)}`,
);
if (sum > LIMIT) {
  console.error('it is too large: load later what the first page does not show');
  process.exit(1);
}
