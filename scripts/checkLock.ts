// Fails when package-lock.json would break `npm ci` on another platform or names a download host.
import { readFileSync } from 'node:fs';

interface LockEntry {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, LockEntry>;
};
const faults: string[] = [];

/** npm looks for a dependency in the package's own node_modules, then upwards. */
function has(from: string, name: string): boolean {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules') - 1))) {
    if (packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

for (const [at, entry] of Object.entries(packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {}))
    if (!has(at, name)) faults.push(`${at || 'root'}: ${name} has no entry`);
  if (at === '' || entry.link) continue;
  if (!entry.version || !entry.integrity) faults.push(`${at}: no version or no integrity`);
  if (entry.resolved) faults.push(`${at}: names a download host`);
}
if (faults.length > 0) {
  process.stderr.write(`package-lock.json:\n${faults.map((fault) => `  ${fault}`).join('\n')}\n`);
  process.exit(1);
}
