import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadExamples, readAcceptanceMails } from '../../src/adapters/exampleFiles.ts';
import { loadModel, SHIPPED_MODEL } from '../../src/adapters/modelFile.ts';
import { classify } from '../../src/desk/classify.ts';
import { encodeModel } from '../../src/desk/modelCodec.ts';
import { trainModel } from '../../src/desk/trainModel.ts';

test('training from the shipped patterns gives the shipped model, byte for byte', () => {
  const { training, calibration } = loadExamples();

  const bytes = encodeModel({ ...trainModel(training), ...calibration });

  expect(bytes.equals(readFileSync(SHIPPED_MODEL))).toBe(true);
}, 120_000);

test('the shipped model is right on at least 93 of 100 acceptance mails', () => {
  const model = loadModel();
  const mails = readAcceptanceMails();

  const right = mails.filter((mail) => classify(mail, model, { reviewBelow: 0.7 }).kind === mail.kind);

  expect(mails.length).toBeGreaterThanOrEqual(150);
  expect(right.length / mails.length).toBeGreaterThanOrEqual(0.93);
});

test('a missing model is a fault of the configuration with its remedy', () => {
  expect(() => loadModel('no-such-folder/model.bin')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', remedy: expect.stringContaining('npm run train') }),
  );
});
