/**
 * Whether the screen is of some sort, kept fresh. Made in a component's script, it stops with the
 * component. The one of `svelte/reactivity` brings maps, sets and dates along that nobody uses.
 */
export class Media {
  current = $state(false);

  constructor(query: string) {
    const list = matchMedia(`(${query})`);
    const read = (): void => {
      this.current = list.matches;
    };
    read();
    $effect(() => {
      read();
      list.addEventListener('change', read);
      return () => list.removeEventListener('change', read);
    });
  }
}
