import { expect, test } from '@jest/globals';
import { faultOf } from '../src/errors.ts';

test('a fault is told by its kind and place, and never by its text, whatever that looks like', () => {
  function readSubject(subject: string): never {
    throw new TypeError(`${subject} is not a function`);
  }
  const caught = (): unknown => {
    try {
      return readSubject('clave: 1234\n    at secret (invented.js:1:1)');
    } catch (error) {
      return error;
    }
  };

  expect(faultOf(caught())).toMatch(/^TypeError at readSubject \(errors\.test\.ts:\d+\)$/);
  expect(faultOf('clave: 1234')).toBe('string');
});
