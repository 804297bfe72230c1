import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['node_modules', '.ezscale', 'dist', 'public', '**/*.mjs', '**/*.cjs'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A query or a job that nobody waits for is the likeliest bug of this stack.
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': 'error',
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Only shared/config.ts reads the environment.' }],
      'no-restricted-syntax': ['error',
        { selector: "CallExpression[callee.property.name='enterWith']", message: 'Context is entered by run only.' },
        { selector: "CallExpression[callee.name='ref'][arguments.0.value=/:/]", message: "Objection's JSON references are comments to MySQL: use jsonExtract." },
      ],
    },
  },
  { files: ['shared/config.ts', 'shared/testing/**', 'scripts/**', '**/*.test.ts', '**/*.contract.ts'], rules: { 'no-restricted-properties': 'off' } },
)
