// What a Node app asks for, read from its manifests.
//
//   node manifest.js BUILD_DIR TOOLCHAIN_DIR
//
// Prints lines "KEY VALUE": manager, install, script, start, prune, key, volatile, git,
// version, need, warn, error, hint.  Runs on any Node since 10, with npm's own semver.
'use strict';
const fs = require('fs');
const path = require('path');

const [build, toolchain] = process.argv.slice(2);
const npm = path.join(toolchain, 'lib/node_modules/npm');
const semver = require(path.join(npm, 'node_modules/semver'));
const have = process.version.slice(1);

const tell = (key, value) => console.log(`${key} ${String(value === undefined ? '' : value).replace(/\s+/g, ' ').trim()}`);

function stop(error, hint) {
  tell('error', error);
  tell('hint', hint);
  process.exit(0);
}

const at = (name) => path.join(build, name);
const there = (name) => fs.existsSync(at(name));

function read(name) {
  try {
    return fs.readFileSync(at(name), 'utf8').replace(/^\ufeff/, '');
  } catch (e) {
    return null;
  }
}

// JSON.parse says a position; a person wants the line.
function json(name) {
  const text = read(name);
  try {
    return JSON.parse(text);
  } catch (e) {
    const where = /position (\d+)/.exec(e.message);
    const line = where ? text.slice(0, Number(where[1])).split('\n').length : 1;
    const words = (text.split('\n')[line - 1] || '').trim().slice(0, 80);
    return stop(`${name} is not valid JSON: line ${line}: ${JSON.stringify(words)}`, `mend that line of ${name}`);
  }
}

const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const entries = (v) => (isObject(v) ? Object.entries(v) : []);

// --- which Node -------------------------------------------------------------------------

const LTS = { argon: 4, boron: 6, carbon: 8, dubnium: 10, erbium: 12, fermium: 14, gallium: 16, hydrogen: 18, iron: 20, jod: 22, krypton: 24 };

function versions() {
  try {
    const list = JSON.parse(fs.readFileSync(path.join(toolchain, 'versions.json'), 'utf8'));
    return (Array.isArray(list) ? list : [list]).filter((v) => semver.valid(v) && !semver.prerelease(v));
  } catch (e) {
    return [have];
  }
}

// The one line of .node-version or .nvmrc as a range; anything else in it is an error.
function wishOf(name) {
  const text = read(name);
  if (text === null) return null;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const word = lines[i].replace(/#.*/, '').trim();
    if (!word) continue;
    if (/^v?\d+(\.(\d+|x)){0,2}$/.test(word)) return word.replace(/^v/, '');
    if (/^(node|stable|lts\/\*|lts\/-\d|latest|current)$/.test(word)) return '*';
    const lts = /^lts\/([a-z]+)$/i.exec(word);
    if (lts && LTS[lts[1].toLowerCase()]) return String(LTS[lts[1].toLowerCase()]);
    stop(`${name}: line ${i + 1} is not a Node version: ${JSON.stringify(lines[i].slice(0, 80))}`, `write one line like 22 or 22.11.0 into ${name}`);
  }
  return stop(`${name} names no version`, `write one line like 22 or 22.11.0 into ${name}, or remove it`);
}

// The nearest version to one that cannot be had: same minor, then same major, then any.
function nearest(wish, list) {
  const [major, minor] = wish.split('.');
  for (const range of [`${major}.${minor || 'x'}.x`, `${major}.x`, `>=${major}`]) {
    const found = range.startsWith('>=') ? semver.minSatisfying(list, range) : semver.maxSatisfying(list, range);
    if (found) return found;
  }
  return semver.maxSatisfying(list, '*');
}

function chooseNode(pkg) {
  const list = versions();
  const condition = isObject(pkg.engines) && pkg.engines.node;
  if (condition && (typeof condition !== 'string' || semver.validRange(condition) === null)) {
    stop(`package.json: engines.node is not a version range: ${JSON.stringify(condition)}`, 'write something like "engines": { "node": "22.x" } in package.json');
  }
  const fits = condition ? list.filter((v) => semver.satisfies(v, condition)) : list;
  if (!fits.length && !(condition && semver.satisfies(have, condition))) {
    stop(`package.json: engines.node = ${JSON.stringify(condition)} excludes every Node to be had (newest: ${semver.maxSatisfying(list, '*')})`, 'allow one of them in package.json, or use a Dockerfile');
  }
  const file = ['.node-version', '.nvmrc'].find(there);
  const wish = condition ? null : file && wishOf(file);
  const volta = isObject(pkg.volta) && pkg.volta.node;
  const range = condition || wish || (typeof volta === 'string' && semver.validRange(volta) && volta) || '*';
  let want = semver.satisfies(have, range) ? have : semver.maxSatisfying(fits, range);
  if (!want) {
    want = nearest(range, list);
    if (want === have) tell('warn', `${wish ? file : 'package.json'} asks for Node ${range}, and there is none. Using Node ${want}, the nearest to be had.`);
  }
  if (want !== have) {
    tell('need', `node-${want}`);
    process.exit(0);
  }
  tell('version', have);
}

// --- which package manager -------------------------------------------------------------

function chooseManager(pkg) {
  const named = typeof pkg.packageManager === 'string' && /^(npm|pnpm|yarn)@(\d+\.\d+\.\d+[^+\s]*)/.exec(pkg.packageManager);
  if (pkg.packageManager && !named) {
    stop(`package.json: packageManager is not understood: ${JSON.stringify(pkg.packageManager)}`, 'write something like "packageManager": "pnpm@9.15.0" in package.json');
  }
  const locks = [['pnpm', 'pnpm-lock.yaml'], ['yarn', 'yarn.lock'], ['npm', 'package-lock.json'], ['npm', 'npm-shrinkwrap.json']].filter(([, f]) => there(f));
  const manager = named ? named[1] : locks.length ? locks[0][0] : 'npm';
  const lock = (locks.find(([m]) => m === manager) || [])[1];
  const others = locks.filter(([m]) => m !== manager).map(([, f]) => f);
  if (others.length) tell('warn', `There is a ${others.join(' and a ')} too: ${manager} is used, and reads only ${lock || 'package.json'}.`);
  const text = lock ? read(lock) : '';
  if (lock && /^<{7} /m.test(text)) {
    const line = text.split('\n').findIndex((l) => l.startsWith('<<<<<<< ')) + 1;
    stop(`${lock}: line ${line} is a merge conflict`, `resolve it, commit ${lock}, and push again`);
  }
  return { manager, lock, install: managerPackage(manager, named && named[2], text, pkg) };
}

// What to install to get that manager; "" where npm came with Node.
function managerPackage(manager, version, lock, pkg) {
  const engine = isObject(pkg.engines) && typeof pkg.engines[manager] === 'string' && pkg.engines[manager].replace(/\s/g, '');
  if (manager === 'npm') {
    const bundled = require(path.join(npm, 'package.json')).version;
    const wanted = version || engine;
    return wanted && semver.validRange(wanted) && !semver.satisfies(bundled, wanted) ? `npm@${wanted}` : '';
  }
  if (manager === 'yarn') {
    const berry = version ? semver.major(version) > 1 : /^__metadata:/m.test(lock);
    return berry ? `@yarnpkg/cli-dist@${version || engine || 4}` : `yarn@${version || '1'}`;
  }
  if (version || engine) return `pnpm@${version || engine}`;
  const form = /^lockfileVersion: '?(\d+)/m.exec(lock);
  const major = { 5: 7, 6: 8 }[form && form[1]] || (semver.satisfies(have, '>=18.12') ? 9 : 8);
  return `pnpm@${major}`;
}

// --- the rest -----------------------------------------------------------------------------

// Manifests of workspaces decide the dependencies as well.
function workspaceManifests(dir, depth, found) {
  for (const e of fs.readdirSync(path.join(build, dir), { withFileTypes: true })) {
    if (e.name === 'node_modules' || e.name.startsWith('.')) continue;
    if (e.isDirectory() && depth > 0) workspaceManifests(path.join(dir, e.name), depth - 1, found);
    if (e.isFile() && e.name === 'package.json' && dir) found.push(path.join(dir, e.name));
  }
  return found;
}

function tellDependencies(pkg, lock) {
  const workspaces = pkg.workspaces || there('pnpm-workspace.yaml');
  const all = [].concat(entries(pkg.dependencies), entries(pkg.optionalDependencies), entries(pkg.devDependencies));
  if (workspaces) workspaceManifests('', 4, []).forEach((f) => tell('key', f));
  for (const [, wanted] of all) {
    if (/^(file|link|portal):/.test(wanted)) tell('volatile');
    if (/^(git|github:|gitlab:|bitbucket:)|\.git(#|$)|^[\w-]+\/[\w.-]+(#|$)/.test(wanted)) tell('git');
  }
  if (there('node_modules')) {
    tell('volatile');
    tell('warn', 'node_modules is committed: it is replaced by what the manifests say. Better: git rm -r --cached node_modules');
  }
  if (!all.length && !workspaces && !lock) return false;
  if (entries(pkg.devDependencies).length || workspaces) tell('prune');
  return true;
}

// A start script without anything for a shell of npm's: it becomes the process itself, and
// gets the signals.
function startCommand(scripts) {
  if (typeof scripts.start !== 'string') return there('server.js') ? 'node server.js' : '';
  const line = scripts.start.trim();
  const simple = /^[\w./@-]+( +[\w./@:=,-]+)*$/.test(line) && !/^(npm|npx|yarn|pnpm|cd|export|set|cross-env)\b/.test(line);
  return simple && !scripts.prestart && !scripts.poststart ? line : 'npm start';
}

function main() {
  const pkg = json('package.json');
  if (!isObject(pkg)) stop('package.json is not a JSON object', 'write an object into package.json: npm init');
  chooseNode(pkg);
  const { manager, lock, install } = chooseManager(pkg);
  const scripts = isObject(pkg.scripts) ? pkg.scripts : {};
  const dependencies = tellDependencies(pkg, lock);
  tell('manager', dependencies ? manager : 'none');
  if (dependencies || manager !== 'npm') tell('install', install);
  tell('lock', lock);
  for (const name of ['heroku-prebuild', 'heroku-postbuild', 'build', 'heroku-cleanup', 'install', 'postinstall', 'prepare']) {
    if (typeof scripts[name] === 'string' && scripts[name]) tell('script', name);
  }
  tell('start', startCommand(scripts));
}

main();
