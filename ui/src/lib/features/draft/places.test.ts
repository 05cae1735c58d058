import { expect, it } from 'vitest';
import { byArea, lastPlace, rememberPlace, searchPlaces } from './places';
import { shelf } from './testing';

const places = [
  { id: 'p1', name: 'Presse 1', area: 'Emboutissage' },
  { id: 'q', name: 'Quai', area: null },
  { id: 'p2', name: 'Presse 2', area: 'Emboutissage' },
  { id: 'd', name: 'Dégraissage', area: 'Emboutissage' },
];

it('groups places by area in the order of the site', () => {
  expect(byArea(places).map((group) => [group.area, group.places.length])).toEqual([
    ['Emboutissage', 3],
    [null, 1],
  ]);
});

it('finds places whatever the accents and the order of words', () => {
  expect(searchPlaces(places, 'degraiss').map(({ id }) => id)).toEqual(['d']);
  expect(searchPlaces(places, 'emboutissage 2').map(({ id }) => id)).toEqual(['p2']);
  expect(searchPlaces(places, ' ')).toHaveLength(4);
});

it('remembers the last place of a site, unless the site no longer has it', () => {
  const device = shelf();
  rememberPlace(device, 's1', 'p2');
  expect(lastPlace(device, 's1', places)?.id).toBe('p2');
  expect(lastPlace(device, 's2', places), 'another site').toBeNull();
  rememberPlace(device, 's1', 'gone');
  expect(lastPlace(device, 's1', places)).toBeNull();
  expect(lastPlace(null, 's1', places), 'storage refused').toBeNull();
});
