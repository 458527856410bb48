import { expect, test } from '@jest/globals';
import { worldError } from '../../src/adapters/sqliteDatabase.ts';

function failure(code: string): Error {
  return Object.assign(new Error('it failed'), { code });
}

test.each([
  ['SQLITE_BUSY', 'STORE_BUSY', true],
  ['SQLITE_BUSY_SNAPSHOT', 'STORE_BUSY', true],
  ['SQLITE_FULL', 'STORE_FULL', true],
  ['ENOSPC', 'STORE_FULL', true],
  ['EDQUOT', 'STORE_FULL', true],
  ['SQLITE_IOERR_WRITE', 'STORE_FAILED', true],
  ['EIO', 'STORE_FAILED', true],
  ['SQLITE_READONLY_DIRECTORY', 'STORE_FAILED', false],
  ['SQLITE_CANTOPEN', 'STORE_FAILED', false],
  ['EACCES', 'STORE_FAILED', false],
  ['EROFS', 'STORE_FAILED', false],
  ['SQLITE_CORRUPT_INDEX', 'STORE_FAILED', false],
  ['SQLITE_NOTADB', 'STORE_FAILED', false],
])('R09 %s is %s, temporary: %s, and its remedy names the folder', (code, as, temporary) => {
  expect(worldError(failure(code), 'could not record a mail', '/srv/buzon')).toMatchObject({
    code: as,
    temporary,
    message: 'could not record a mail',
    remedy: expect.stringContaining('/srv/buzon'),
  });
});

test.each(['SQLITE_CONSTRAINT_FOREIGNKEY', 'SQLITE_ERROR', 'ERR_INVALID_ARG_TYPE', ''])(
  '%s is a fault of ours and stays what it is',
  (code) => {
    const error = failure(code);

    expect(worldError(error, 'could not record a mail', '/srv/buzon')).toBe(error);
  },
);
