/** Puts a capsule's own pictures where its text says they go. */

export interface Picture {
  /** A `data:` address, or null when the picture is not in the capsule. */
  url: string | null;
  /** What the picture shows, for whoever does not see it. */
  alt: string;
}

const FIGURE = /<figure\b([^>]*\bdata-media="[^"]*"[^>]*)>[\s\S]*?<\/figure>/;
const FIGURES = new RegExp(FIGURE.source, 'g');

/** The address of an SVG shown as an image: as such its scripts and links are dead. */
export function svgUrl(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

function attribute(attributes: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
}

function unescape(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', '’')
    .replaceAll('&#x27;', '’')
    .replaceAll('&amp;', '&');
}

function urlOf(attributes: string, media: Readonly<Record<string, string>>): string | null {
  const svg = media[attribute(attributes, 'data-media')];
  return svg === undefined ? null : svgUrl(svg);
}

/** Fills every picture placeholder of a safe text; a picture that is missing leaves its description. */
export function withPictures(html: string, media: Readonly<Record<string, string>>): string {
  return html.replace(FIGURES, (_, attributes: string) => {
    const url = urlOf(attributes, media);
    const alt = attribute(attributes, 'aria-label');
    if (url === null) return `<p class="missing-picture">${alt}</p>`;
    return `<figure class="media"><img src="${url.replaceAll("'", '%27')}" alt="${alt}"></figure>`;
  });
}

/** The first picture of a card, to be shown large above its title, and the text without it. */
export function leadPicture(
  html: string,
  media: Readonly<Record<string, string>>,
): { picture: Picture | null; rest: string } {
  const found = FIGURE.exec(html);
  const attributes = found?.[1];
  if (found === null || attributes === undefined) return { picture: null, rest: html };
  const alt = unescape(attribute(attributes, 'aria-label'));
  const rest = (html.slice(0, found.index) + html.slice(found.index + found[0].length)).replace(
    /<p>\s*<\/p>/g,
    '',
  );
  return { picture: { url: urlOf(attributes, media), alt }, rest };
}

/** The words of a safe text, on one line, for lists and labels. */
export function plainText(html: string): string {
  return unescape(html.replace(/<[^>]*>/g, ' '))
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/ ([.,])/g, '$1')
    .trim();
}
