import { expect, test } from '@jest/globals';
import { SERVICES } from '../../src/desk/serviceRequest.ts';
import { SPEECH_ACTS } from '../../src/desk/speechActs.ts';

test.each(SPEECH_ACTS.map((act) => [act.name, act] as const))(
  'the act %s is found in its own words and not in its near miss',
  (_, { pattern, says, saysNot }) => {
    expect(says.match(pattern)).not.toBeNull();
    expect(saysNot.match(pattern)).toBeNull();
  },
);

test.each(SERVICES.map((service) => [service.says, service] as const))(
  '"%s" asks for a service, its near miss does not',
  (_, { pattern, says, saysNot }) => {
    expect(pattern.test(says)).toBe(true);
    expect(pattern.test(saysNot)).toBe(false);
  },
);

test.each(['no ', 'para que no ', 'error de ', 'necesitamos que el sistema ', 'al intentar ', 'a '])(
  'patterns stay linear on a long run of "%s"',
  (words) => {
    const line = words.repeat(Math.ceil(20_000 / words.length));
    const started = performance.now();

    for (const { pattern } of SPEECH_ACTS) line.match(pattern);

    expect(performance.now() - started).toBeLessThan(500);
  },
);
