import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', 'generated/**', 'node_modules/**', '.stoa/**', 'bench/.builds/**', 'bench/.peers/**', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Handlers answer promises whether or not they wait for something: the table's type wants it.
      '@typescript-eslint/require-await': 'off',
      // Express and node:http take async listeners; what they reject with is caught where they are mounted.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      // Our objects of functions are closures, which have no `this` to lose; classes are few and their methods are called on them.
      '@typescript-eslint/unbound-method': 'off',
      // They take every narrowed `unknown` for an object; the types of what is printed are checked where it is made.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      eqeqeq: ['error', 'always'],
      'no-console': 'off',
    },
  },
  {
    // Operations reach the database by `inTenant`, which sees to it that they are for one tenant.
    files: ['server/operations/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[property.name=/^(pool|prisma|tenantTransaction)$/]',
          message: 'Read and write by `inTenant(context, (tx) => …)`. What belongs to no one tenant is a function of server/database/unscoped.',
        },
        {
          selector: 'ObjectPattern > Property[key.name=/^(pool|prisma|tenantTransaction)$/]',
          message: 'Read and write by `inTenant(context, (tx) => …)`. What belongs to no one tenant is a function of server/database/unscoped.',
        },
      ],
    },
  },
  {
    // Tests read answers of other programs, whose shape is what they check.
    files: ['**/*.test.ts', '**/testing/**/*.ts', 'contract-tests/**/*.ts', 'conformance/mutants/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
