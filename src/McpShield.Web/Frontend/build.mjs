// Makes wwwroot/lib: the editor as one module, the fonts' latin parts, and the icons that components name as one sprite.
import { build } from 'esbuild';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const web = dirname(here);
const out = join(web, 'wwwroot', 'lib');
const modules = join(here, 'node_modules');
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

const bundle = await build({ entryPoints: [join(here, 'editor.js')], bundle: true, minify: true, format: 'esm', target: 'es2022', outfile: join(out, 'editor.js'), legalComments: 'none', metafile: true });

const fonts = {
  'crimson-text-600.woff2': '@fontsource/crimson-text/files/crimson-text-latin-600-normal.woff2',
  'inter.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'jetbrains-mono.woff2': '@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2',
};
for (const [name, from] of Object.entries(fonts)) await copyFile(join(modules, from), join(out, name));

// Every name that a component asks for, and none that does not exist.
const names = new Set();
for (const file of await readdir(web, { recursive: true })) {
  if (!/\.(razor|cs)$/.test(file) || file.startsWith('obj')) continue;
  const text = await readFile(join(web, file), 'utf8');
  for (const [, name] of text.matchAll(/Icon(?:\s+Name)?="(?:@\()?([^"]*)"?/g)) if (/^[a-z0-9-]+$/.test(name)) names.add(name);
  for (const [, name] of text.matchAll(/"([a-z0-9]+(?:-[a-z0-9]+)*)"/g)) names.add(name);
}
const symbols = [];
for (const name of [...names].sort()) {
  const svg = await readFile(join(modules, 'lucide-static', 'icons', `${name}.svg`), 'utf8').catch(() => null);
  if (svg) symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${svg.replace(/^[\s\S]*?<svg[\s\S]*?>/, '').replace(/<\/svg>\s*$/, '').replace(/\s+/g, ' ').trim()}</symbol>`);
}
await writeFile(join(out, 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);
// The licences of what is in there, beside it, as they demand.
const packages = new Set([...Object.keys(bundle.metafile.inputs), ...Object.values(fonts).map(file => `node_modules/${file}`), 'node_modules/lucide-static/icons']
  .map(file => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean));
const licences = [];
for (const name of [...packages].sort()) licences.push(`${name}\n\n${(await readFile(join(modules, name, 'LICENSE'), 'utf8')).trim()}\n`);
await writeFile(join(out, 'licences.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
console.log(`wwwroot/lib: editor, ${Object.keys(fonts).length} fonts, ${symbols.length} icons`);
