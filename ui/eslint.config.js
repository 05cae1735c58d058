// The dependency rules of the house are here, per folder; the rest is strict defaults.
import { readdirSync } from 'node:fs';
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const featureFolder = new URL('./src/lib/features/', import.meta.url);
const features = readdirSync(featureFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** A rule that refuses the given import patterns in the given files. */
function forbidImports(files, group, message) {
  return {
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
  };
}

export default ts.config(
  { ignores: ['build/', '.svelte-kit/', 'node_modules/', 'src/lib/generated/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'no-undef': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: {
      'svelte/require-each-key': 'error',
      'svelte/button-has-type': 'error',
      'svelte/no-at-html-tags': 'error',
      'svelte/no-inspect': 'error',
      'svelte/no-unused-props': 'error',
      'svelte/no-target-blank': 'error',
      'svelte/prefer-const': 'error',
      // Dates, sets and maps here are values inside functions, never state.
      'svelte/prefer-svelte-reactivity': 'off',
      // Links are plain paths from the root: the app is never served below another path.
      'svelte/no-navigation-without-resolve': 'off',
      'prefer-const': 'off',
    },
  },
  {
    files: ['*.js', '*.ts', 'scripts/**'],
    languageOptions: { globals: { ...globals.node } },
    rules: { 'no-console': 'off' },
  },
  forbidImports(
    ['src/lib/ui/**'],
    ['$lib/features/**', '$lib/backend', '$lib/backend/**', '$lib/shell', '$lib/shell/**'],
    'Components of lib/ui know neither a feature nor the backend.',
  ),
  forbidImports(
    ['src/lib/backend/**'],
    ['$lib/features/**', '$lib/ui', '$lib/ui/**', '$lib/shell', '$lib/shell/**'],
    'The backend knows no screen.',
  ),
  forbidImports(
    ['src/lib/wording/**'],
    ['$lib/features/**', '$lib/ui', '$lib/ui/**', '$lib/shell', '$lib/shell/**'],
    'Wording knows no screen.',
  ),
  ...features.map((name) =>
    forbidImports(
      [`src/lib/features/${name}/**`],
      ['$lib/features', '$lib/features/**', '../*/**', '../../**', '$lib/shell', '$lib/shell/**'],
      'A feature imports no other feature; inside it, use ./ paths.',
    ),
  ),
);
