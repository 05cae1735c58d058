import { describe, expect, it } from 'vitest';
import { deviceKind, readInvitation, tidyCode, tidyServer } from './invitation';

describe('an invitation', () => {
  it('is read from a link with its server, whether the code follows ? or #', () => {
    expect(readInvitation('https://vigie.example/enrol?code=k7pm-4qxz')).toEqual({
      server: 'https://vigie.example',
      code: 'K7PM4QXZ',
    });
    expect(readInvitation(' https://vigie.example:8650/enrol#code=K7PM4QXZ ')).toEqual({
      server: 'https://vigie.example:8650',
      code: 'K7PM4QXZ',
    });
  });

  it('is read from the page of the app, which names the server', () => {
    expect(
      readInvitation('tauri://localhost/enrol?server=https%3A%2F%2Fvigie.example&code=K7PM4QXZ'),
    ).toEqual({ server: 'https://vigie.example', code: 'K7PM4QXZ' });
  });

  it('is read from a bare code', () => {
    expect(readInvitation('k7pm 4qxz')).toEqual({ server: null, code: 'K7PM4QXZ' });
  });

  it('is not read from anything else', () => {
    for (const text of ['', 'abc', 'https://vigie.example/', 'https://[', 'x'.repeat(60)]) {
      expect(readInvitation(text), `of ${text}`).toBeNull();
    }
  });
});

describe('what people type', () => {
  it('loses the spaces and dashes of a code', () => {
    expect(tidyCode(' k7pm–4q xz ')).toBe('K7PM4QXZ');
  });

  it('gains https unless the address is of this machine or network', () => {
    expect(tidyServer('vigie.example/')).toBe('https://vigie.example');
    expect(tidyServer('192.168.1.4:8650')).toBe('http://192.168.1.4:8650');
    expect(tidyServer('http://vigie.example')).toBe('http://vigie.example');
    expect(tidyServer('  ')).toBe('');
  });

  it('names the device by its kind', () => {
    expect(deviceKind('Mozilla/5.0 (Linux; Android 14) Mobile Safari')).toBe(
      'account-device-android',
    );
    expect(deviceKind('Mozilla/5.0 (Linux; Android 14) Safari')).toBe('account-device-tablet');
    expect(deviceKind('Mozilla/5.0 (X11; Linux)')).toBe('account-device-other');
  });
});
