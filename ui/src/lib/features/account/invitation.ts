/** What an invitation says, however it reached us: typed, followed as a link, or scanned. */

export interface Invitation {
  /** The server's address, when the invitation tells it. */
  server: string | null;
  code: string;
}

/** A code as people type it: spaces, dashes and small letters mean nothing. */
export function tidyCode(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, '');
}

/** A server's address as people type it: `https://` when they gave none, no slash at the end. */
export function tidyServer(text: string): string {
  const bare = text.trim().replace(/\/+$/, '');
  if (bare === '') return '';
  if (/^https?:\/\//i.test(bare)) return bare;
  const local = /^(localhost|127\.|10\.|192\.168\.|\[::1\])/i.test(bare);
  return `${local ? 'http' : 'https'}://${bare}`;
}

/**
 * Reads a link with `?code=` or `#code=`, or a bare code; `null` when it is neither. The server is
 * the one that the link names with `server=`, else the one that the link leads to.
 */
export function readInvitation(text: string): Invitation | null {
  const trimmed = text.trim();
  if (!/^[a-z]+:\/\//i.test(trimmed)) {
    const code = tidyCode(trimmed);
    return code.length >= 6 && code.length <= 40 ? { server: null, code } : null;
  }
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    return null;
  }
  const kept = url.searchParams.get('code') ?? new URLSearchParams(url.hash.slice(1)).get('code');
  const code = tidyCode(kept ?? '');
  const named = tidyServer(url.searchParams.get('server') ?? '');
  const origin = /^https?:$/.test(url.protocol) ? url.origin : '';
  return code === '' ? null : { server: named || origin || null, code };
}

/** A name for this device that its owner will know in the list: message id of the kind of device. */
export function deviceKind(userAgent: string): string {
  if (/iPad/.test(userAgent)) return 'account-device-ipad';
  if (/iPhone/.test(userAgent)) return 'account-device-iphone';
  if (/Android/.test(userAgent)) {
    return /Mobile/.test(userAgent) ? 'account-device-android' : 'account-device-tablet';
  }
  if (/Windows/.test(userAgent)) return 'account-device-windows';
  if (/Mac OS X/.test(userAgent)) return 'account-device-mac';
  return 'account-device-other';
}
