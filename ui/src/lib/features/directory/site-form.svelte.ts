/** A site being added or corrected, with its places. */
import { newId, type Backend } from '$lib/backend';
import type { DirectorySaveSite, PlaceView, SiteView } from '$lib/generated/commands';

export interface PlaceLine {
  id: string;
  name: string;
  area: string;
}

export class SiteForm {
  name = $state('');
  city = $state('');
  /** One team per line. */
  teams = $state('');
  places: PlaceLine[] = $state([]);
  busy = $state(false);
  error = $state.raw<unknown>(undefined);

  readonly id: string | null;

  constructor(site: SiteView | null) {
    this.id = site?.id ?? null;
    if (!site) return;
    this.name = site.name;
    this.city = site.city;
    this.teams = site.teams.join('\n');
    this.places = site.places.map(({ id, name, area }) => ({ id, name, area: area ?? '' }));
  }

  /** Whether it can be saved. */
  readonly complete = $derived.by(() => this.name.trim() !== '');

  addPlace(): void {
    const area = this.places.at(-1)?.area ?? '';
    this.places.push({ id: newId(), name: '', area });
  }

  removePlace(id: string): void {
    this.places = this.places.filter((place) => place.id !== id);
  }

  /** Saves; the id of the site, or `null` when it failed: see `error`. */
  async save(backend: Backend): Promise<string | null> {
    if (this.busy || !this.complete) return null;
    this.busy = true;
    this.error = undefined;
    try {
      const { id } = await backend.call('directory.save_site', this.#input());
      return id;
    } catch (error) {
      this.error = error;
      return null;
    } finally {
      this.busy = false;
    }
  }

  #input(): DirectorySaveSite {
    const places: PlaceView[] = this.places
      .filter((place) => place.name.trim() !== '')
      .map(({ id, name, area }) => ({ id, name: name.trim(), area: area.trim() || null }));
    const teams = this.teams
      .split('\n')
      .map((team) => team.trim())
      .filter(Boolean);
    return { id: this.id, name: this.name.trim(), city: this.city.trim(), teams, places };
  }
}
