import { describe, expect, it } from 'vitest';
import { leadPicture, plainText, withPictures } from './media';

const FIGURE =
  '<figure class="media" data-media="flame.svg" aria-label="Une flamme &amp; un &quot;O&quot;"></figure>';
const MEDIA = { 'flame.svg': '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>' };

describe('withPictures', () => {
  it('puts the picture in its place with its description', () => {
    const html = withPictures(`<p>Avant</p>${FIGURE}<p>Après</p>`, MEDIA);
    expect(html).toContain('<img src="data:image/svg+xml;charset=utf-8,%3Csvg');
    expect(html).toContain('alt="Une flamme &amp; un &quot;O&quot;"');
    expect(html).not.toContain('data-media');
  });

  it('lets nothing of the SVG out of the address', () => {
    const html = withPictures(FIGURE, { 'flame.svg': `<svg onload='x("y")'>"><script>` });
    expect(html.match(/</g)?.length, 'figure, img and the closing figure only').toBe(3);
    expect(html).not.toContain("'");
  });

  it('leaves the description where a picture is missing', () => {
    expect(withPictures(FIGURE, {})).toBe(
      '<p class="missing-picture">Une flamme &amp; un &quot;O&quot;</p>',
    );
  });
});

describe('leadPicture', () => {
  it('takes the first picture out of the text', () => {
    const { picture, rest } = leadPicture(`<p>Avant</p><p>${FIGURE}</p>`, MEDIA);
    expect(picture?.alt).toBe('Une flamme & un "O"');
    expect(picture?.url).toMatch(/^data:image/);
    expect(rest).toBe('<p>Avant</p>');
  });

  it('changes nothing when there is none', () => {
    expect(leadPicture('<p>Texte</p>', MEDIA)).toEqual({ picture: null, rest: '<p>Texte</p>' });
  });
});

describe('plainText', () => {
  it('keeps the words only', () => {
    expect(plainText('<p>Quel <strong>geste</strong> d’abord&lt;?</p>')).toBe(
      'Quel geste d’abord<?',
    );
  });
});
