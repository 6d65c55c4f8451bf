// Builds ../dist from this folder: every entry (*.js without a leading underscore, items/*.js, *.css, items/*.css) bundled and minified, *.svg as it is,
// each with a .gz and a .br beside it; LICENSES.txt of the packages that went in; manifest.json, by which a test sees that dist is up to date.
// The same sources always give the same bytes.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const src = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(src, '..', 'dist');
process.chdir(src);

const list = async (folder, pattern) => (await readdir(folder).catch(() => [])).filter((f) => pattern.test(f)).map((f) => path.posix.join(folder, f)).sort();
const entries = [...await list('.', /^[^_].*\.(js|css|svg)$/), ...await list('items', /^[^_].*\.(js|css)$/)];

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

// What a file of dist was made from: its sources in this folder and what decides how they are built. The lock file stands for the packages.
async function sources(inputs) {
  const hash = createHash('sha256');
  for (const name of inputs) hash.update(`${name}\n`).update(await readFile(name)).update('\n');
  return hash.digest('hex');
}

const packages = new Set();

async function make(entry) {
  if (entry.endsWith('.svg')) return { data: await readFile(entry), inputs: [entry] };
  const { outputFiles, metafile } = await build({
    entryPoints: [entry], bundle: true, minify: true, write: false, metafile: true, charset: 'utf8', legalComments: 'none', logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
    ...(entry.endsWith('.js') && { format: 'esm', target: 'es2022' }),
  });
  const inputs = Object.keys(metafile.inputs);
  const used = inputs.map((i) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(i)?.[1]).filter(Boolean);
  used.forEach((name) => packages.add(name));
  const own = inputs.filter((i) => !i.includes('node_modules/'));
  const note = used.length ? '/* with software of others: see LICENSES.txt */\n' : '';
  return { data: Buffer.concat([Buffer.from(note), outputFiles[0].contents]), inputs: [...own, 'build.mjs', 'package-lock.json'].sort() };
}

async function licences() {
  const parts = ['The scripts in this folder contain the following software.\n'];
  for (const name of [...packages].sort()) {
    const folder = `node_modules/${name}`, { version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
    parts.push(`${'='.repeat(79)}\n${name} ${version} (${license})\n${'='.repeat(79)}\n`);
    for (const file of await list(folder, /^(licen[cs]e|notice|copyrightnotice)(\.\w+)?$/i)) parts.push(`${(await readFile(file, 'utf8')).trim()}\n`);
    for (const file of await list(`${folder}/licenses`, /^licen[cs]e/i)) parts.push(`--- ${path.basename(file)} ---\n\n${(await readFile(file, 'utf8')).trim()}\n`);
  }
  return { data: Buffer.from(parts.join('\n').replaceAll('\r\n', '\n')), inputs: ['build.mjs', 'package-lock.json'] };
}

function compressed(data) {
  const gz = gzipSync(data, { level: 9 });
  gz[9] = 255; // the system it was made on says nothing
  const br = brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length } });
  return { gz, br };
}

const made = {};
for (const entry of entries) made[entry] = await make(entry);
made['LICENSES.txt'] = await licences();

await rm(dist, { recursive: true, force: true });
const manifest = {};
for (const [name, { data, inputs }] of Object.entries(made).sort(([a], [b]) => (a < b ? -1 : 1))) {
  const file = path.join(dist, name), { gz, br } = compressed(data);
  await mkdir(path.dirname(file), { recursive: true });
  await Promise.all([writeFile(file, data), writeFile(`${file}.gz`, gz), writeFile(`${file}.br`, br)]);
  manifest[name] = { hash: sha256(data), size: data.length, inputs, sources: await sources(inputs) };
  console.log(`${name.padEnd(24)} ${String(data.length).padStart(7)}  gz ${String(gz.length).padStart(6)}  br ${String(br.length).padStart(6)}`);
}
await writeFile(path.join(dist, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
