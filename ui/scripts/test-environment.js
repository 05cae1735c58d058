// Unit tests run without a page, yet with Svelte compiled as for a browser: state is reactive.

/** @type {import('vitest/runtime').Environment} */
export default {
  name: 'browser-without-page',
  viteEnvironment: 'client',
  setup() {
    return { teardown() {} };
  },
};
