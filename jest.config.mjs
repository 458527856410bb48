if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`The tests need Node.js 24 or newer; this is ${process.version}. Run "npm test": it uses the Node.js in node_modules.`);
  process.exit(1);
}

const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
    ],
  },
};

export default {
  // Generous: a busy machine is no failure.
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/test/support/plainSummary.mjs'],
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/{mail,desk,path,commands,http}/**/*.test.ts', '<rootDir>/test/*.test.ts'],
    },
    { ...shared, displayName: 'integration', testMatch: ['<rootDir>/test/{contracts,adapters}/**/*.test.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
  ],
};
