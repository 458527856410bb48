import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Mounting, and folders that refuse even root, are for root alone. */
export const mayMount = process.getuid?.() === 0;

const mounted = new Set<string>();
const forbidden = new Set<string>();
process.once('exit', () => {
  for (const folder of forbidden) forbid(folder, false);
  for (const folder of mounted) unmount(folder);
});

/** A small disk of its own that can be filled and made read-only; unmounted at the latest when this process ends. */
export interface SmallDisk {
  /** Leaves so many octets free. */
  fill(free: number): void;
  /** Frees what `fill` took. */
  relieve(): void;
  /** Only while no process has a file open for writing. */
  readOnly(on: boolean): void;
  unmount(): void;
}

/** Mounts a tmpfs at this folder, which is made. @throws Error for whoever is not root */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder]);
  mounted.add(folder);
  const ballast = join(folder, 'ballast');
  return {
    fill(free) {
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - free)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error; // the program writes too: it is full all the same
      }
    },
    relieve: () => rmSync(ballast, { force: true }),
    readOnly: (on) => {
      execFileSync('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, folder]);
    },
    unmount: () => unmount(folder),
  };
}

function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder]);
  mounted.delete(folder);
}

/** Nothing can be made in this folder any more, not even by root, until it is allowed again. */
export function forbid(folder: string, on: boolean): void {
  if (on) forbidden.add(folder);
  else forbidden.delete(folder);
  execFileSync('chattr', [on ? '+i' : '-i', folder], { stdio: 'ignore' });
}
