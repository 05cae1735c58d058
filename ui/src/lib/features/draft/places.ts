/** The places of a site, as someone in a hurry looks for them. */
import type { PlaceView } from '$lib/generated/commands';
import type { Shelf } from './mirror';

export interface PlaceGroup {
  /** `null` for places that belong to no area. */
  area: string | null;
  places: PlaceView[];
}

const KEY = 'vigie-last-place';

/** The places by area, in the order the site lists them. */
export function byArea(places: readonly PlaceView[]): PlaceGroup[] {
  const groups = new Map<string | null, PlaceView[]>();
  for (const place of places) {
    const group = groups.get(place.area) ?? [];
    group.push(place);
    groups.set(place.area, group);
  }
  return Array.from(groups, ([area, list]) => ({ area, places: list }));
}

/** The places whose name or area holds every word, whatever the case and accents. */
export function searchPlaces(places: readonly PlaceView[], query: string): PlaceView[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  return places.filter((place) => {
    const text = plain(`${place.name} ${place.area ?? ''}`);
    return words.every((word) => text.includes(word));
  });
}

/** The place used last on this device, if the site still has it. */
export function lastPlace(
  shelf: Shelf | null,
  site: string,
  places: readonly PlaceView[],
): PlaceView | null {
  try {
    const id = shelf?.getItem(`${KEY}-${site}`);
    return places.find((place) => place.id === id) ?? null;
  } catch {
    return null;
  }
}

/** Remembers a place for the next time. */
export function rememberPlace(shelf: Shelf | null, site: string, place: string): void {
  try {
    shelf?.setItem(`${KEY}-${site}`, place);
  } catch {
    // Only a convenience is lost.
  }
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}
