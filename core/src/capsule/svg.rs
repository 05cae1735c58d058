//! Whether a picture is harmless: an allow-list of what a flat drawing needs.
//!
//! Screens put the SVG in the page, where the HTML parser reads it: what the two parsers read
//! differently (comments, CDATA, declarations, prefixes) is refused outright.

use roxmltree::{Document, Node};

use super::problem::{Problem, Problems};
use super::text::count;

/// Longest picture, in bytes.
pub const BYTES_MAX: usize = 24 * 1024;

const NAMESPACE: &str = "http://www.w3.org/2000/svg";

const ELEMENTS: &[&str] = &[
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "pattern",
    "title",
    "desc",
];

const ATTRIBUTES: &[&str] = &[
    "id",
    "viewBox",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "fx",
    "fy",
    "d",
    "points",
    "pathLength",
    "transform",
    "preserveAspectRatio",
    "fill",
    "fill-opacity",
    "fill-rule",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-dashoffset",
    "opacity",
    "clip-path",
    "clip-rule",
    "mask",
    "offset",
    "stop-color",
    "stop-opacity",
    "gradientUnits",
    "gradientTransform",
    "spreadMethod",
    "clipPathUnits",
    "maskUnits",
    "maskContentUnits",
    "patternUnits",
    "patternContentUnits",
    "patternTransform",
    "font-family",
    "font-size",
    "font-weight",
    "font-style",
    "text-anchor",
    "dominant-baseline",
    "letter-spacing",
    "dx",
    "dy",
    "vector-effect",
    "paint-order",
    "role",
    "aria-hidden",
    "aria-label",
    "focusable",
    "version",
];

/// Checks a picture. `name` is quoted first in the values of each problem, whose lines are those
/// of the SVG text.
#[must_use]
pub fn check(name: &str, svg: &str) -> Vec<Problem> {
    let mut problems = Problems::default();
    check_into(name, svg, None, &mut problems);
    problems.into_sorted()
}

/// Same check, its problems told at `line` of the text that shows the picture.
pub(super) fn check_into(name: &str, svg: &str, line: Option<u32>, problems: &mut Problems) {
    if svg.len() > BYTES_MAX {
        let (length, most) = (svg.len().to_string(), BYTES_MAX.to_string());
        problems.error("svg-too-long", line.unwrap_or(1), &[name, &length, &most]);
        return;
    }
    if let Some(markup) = ["<!", "<?"].into_iter().find(|markup| svg.contains(markup)) {
        problems.error("svg-markup", line.unwrap_or(1), &[name, markup]);
        return;
    }
    let document = match Document::parse(svg) {
        Ok(document) => document,
        Err(error) => {
            let line = line.unwrap_or(error.pos().row);
            problems.error("svg-broken", line, &[name, &error.to_string()]);
            return;
        }
    };
    let root = document.root_element();
    if root.tag_name().name() != "svg" || root.tag_name().namespace() != Some(NAMESPACE) {
        problems.error("svg-root", line.unwrap_or(1), &[name]);
        return;
    }
    if root.attribute("viewBox").is_none() {
        problems.error("svg-viewbox", line.unwrap_or(1), &[name]);
    }
    for node in document.descendants().filter(Node::is_element) {
        let line = line.unwrap_or_else(|| line_of(svg, node.range().start));
        check_element(name, &node, line, problems);
    }
}

fn line_of(svg: &str, offset: usize) -> u32 {
    let before = svg.get(..offset).unwrap_or("");
    count(before.matches('\n').count()).saturating_add(1)
}

fn check_element(name: &str, node: &Node<'_, '_>, line: u32, problems: &mut Problems) {
    let element = node.tag_name().name();
    if node.tag_name().namespace() != Some(NAMESPACE) || !ELEMENTS.contains(&element) {
        problems.error("svg-element", line, &[name, element]);
    }
    if node
        .namespaces()
        .any(|space| space.name().is_some() && space.name() != Some("xml"))
    {
        problems.error("svg-namespace", line, &[name, element]);
    }
    for attribute in node.attributes() {
        let known = attribute.namespace().is_none() && ATTRIBUTES.contains(&attribute.name());
        if !known {
            problems.error("svg-attribute", line, &[name, attribute.name()]);
        } else if !is_inside_reference(attribute.value()) {
            problems.error("svg-reference", line, &[name, attribute.value()]);
        } else if attribute.value().eq_ignore_ascii_case("currentcolor") {
            problems.warning("svg-current-color", line, &[name, attribute.name()]);
        }
    }
    if matches!(element, "text" | "tspan") {
        let text = node.text().unwrap_or("");
        if text
            .split(|next: char| !next.is_alphabetic())
            .any(|word| word.chars().count() > 3)
        {
            problems.warning("svg-text", line, &[name, text.trim()]);
        }
    }
}

/// Whether a value holds no address, or only `url(#…)` of the same drawing.
fn is_inside_reference(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if lower.contains("://") || lower.contains("javascript:") || lower.contains("data:") {
        return false;
    }
    if lower.contains('\\') || lower.contains("image(") || lower.contains("image-set(") {
        return false;
    }
    lower.match_indices("url(").all(|(start, found)| {
        let after = start.saturating_add(found.len());
        lower.get(after..).is_some_and(|rest| rest.starts_with('#'))
    })
}

/// Whether nothing stops the picture from being shown.
pub(super) fn is_harmless(svg: &str) -> bool {
    check("", svg)
        .iter()
        .all(|problem| problem.severity == super::problem::Level::Warning)
}
