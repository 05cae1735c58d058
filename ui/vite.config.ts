import { fileURLToPath } from 'node:url';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

const door = `http://127.0.0.1:${process.env['VIGIE_PORT'] ?? '8650'}`;

export default defineConfig({
  plugins: [sveltekit()],
  build: {
    // Phones frozen by their administrators lag years behind.
    target: ['chrome100', 'safari15.4'],
    cssTarget: ['chrome100', 'safari15.4'],
    reportCompressedSize: true,
  },
  server: {
    fs: { allow: [fileURLToPath(new URL('..', import.meta.url))] },
    proxy: { '/app': { target: door, changeOrigin: false } },
  },
  test: {
    expect: { requireAssertions: true },
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.svelte.test.ts'],
          environment: 'node',
        },
      },
      {
        // Tests that use runes themselves: Svelte is compiled as for a browser, so state reacts.
        extends: true,
        resolve: { conditions: ['browser'] },
        test: {
          name: 'reactive',
          include: ['src/**/*.svelte.test.ts'],
          environment: './scripts/test-environment.js',
        },
      },
    ],
  },
});
