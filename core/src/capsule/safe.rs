//! The HTML a capsule may hold: what the renderer writes, and nothing else.
//!
//! The renderer never copies HTML from a source; this second look is for packs that come from
//! elsewhere.

/// Every tag the renderer writes, apart from figures.
const TAGS: &[&str] = &[
    "<p>",
    "</p>",
    "<p class=\"caption\">",
    "<ul>",
    "</ul>",
    "<ol>",
    "</ol>",
    "<li>",
    "</li>",
    "<strong>",
    "</strong>",
    "<em>",
    "</em>",
    "<code>",
    "</code>",
    "<br>",
    "<blockquote>",
    "</blockquote>",
    "<h3>",
    "</h3>",
    "<table>",
    "</table>",
    "<thead>",
    "</thead>",
    "<tbody>",
    "</tbody>",
    "<tr>",
    "</tr>",
    "<th>",
    "</th>",
    "<td>",
    "</td>",
];

/// Appends a text with the characters HTML gives a meaning to written as entities.
pub(super) fn escape_into(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}

/// The place of a picture; the screen fills it with the SVG of that name.
pub(super) fn figure(name: &str, alt: &str, caption: &str) -> String {
    let mut html = String::from("<figure class=\"media\" data-media=\"");
    escape_into(&mut html, name);
    html.push_str("\" role=\"img\" aria-label=\"");
    escape_into(&mut html, alt);
    html.push_str("\"></figure>");
    if !caption.is_empty() {
        html.push_str("<p class=\"caption\">");
        escape_into(&mut html, caption);
        html.push_str("</p>");
    }
    html
}

/// Whether a name may name a picture of a capsule: `flame.svg`.
pub(super) fn is_media_name(name: &str) -> bool {
    name.strip_suffix(".svg").is_some_and(super::text::is_slug)
}

/// Whether every tag of a text is one the renderer writes.
pub(super) fn is_safe_html(html: &str) -> bool {
    let mut rest = html;
    while let Some(start) = rest.find(['<', '>']) {
        let from = rest.get(start..).unwrap_or("");
        let Some(end) = from.find('>') else {
            return false;
        };
        let (tag, after) = from.split_at(end.saturating_add(1));
        rest = if TAGS.contains(&tag) {
            after
        } else if is_safe_figure(tag) {
            match after.strip_prefix("</figure>") {
                Some(after) => after,
                None => return false,
            }
        } else {
            return false;
        };
    }
    true
}

fn is_safe_figure(tag: &str) -> bool {
    let parts = tag
        .strip_prefix("<figure class=\"media\" data-media=\"")
        .and_then(|tag| tag.strip_suffix("\">"))
        .and_then(|tag| tag.split_once("\" role=\"img\" aria-label=\""));
    parts.is_some_and(|(name, alt)| is_media_name(name) && !alt.contains(['"', '<', '>']))
}
