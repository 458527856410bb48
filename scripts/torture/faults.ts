import type { Fault } from './fault.ts';
import { IMAP_FAULTS } from './faultsOfImap.ts';
import { PEOPLE_FAULTS } from './faultsOfPeople.ts';
import { PROCESS_FAULTS } from './faultsOfProcess.ts';
import { SMTP_FAULTS } from './faultsOfSmtp.ts';
import { STORE_FAULTS } from './faultsOfStore.ts';

export const FAULTS: readonly Fault[] = [...PROCESS_FAULTS, ...IMAP_FAULTS, ...SMTP_FAULTS, ...STORE_FAULTS, ...PEOPLE_FAULTS];

/** @param names whole ones (`kill:message.kept`) or kinds (`kill`); none for all. @throws Error for a name that there is not */
export function faultsNamed(names: readonly string[]): Fault[] {
  if (names.length === 0) return [...FAULTS];
  return names.flatMap((name) => {
    const found = FAULTS.filter((fault) => fault.name === name || fault.name.startsWith(`${name}:`));
    if (found.length === 0) throw new Error(`there is no fault "${name}"; there are ${FAULTS.map((fault) => fault.name).join(', ')}`);
    return found;
  });
}
