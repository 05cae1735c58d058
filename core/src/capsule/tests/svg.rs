//! Which pictures are let through.

use super::super::svg::check;
use super::PICTURE;

fn codes(svg: &str) -> Vec<String> {
    check("a.svg", svg)
        .into_iter()
        .map(|problem| problem.code)
        .collect()
}

fn inside(elements: &str) -> Vec<String> {
    codes(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">{elements}</svg>"
    ))
}

#[test]
fn a_flat_drawing_is_let_through() {
    assert_eq!(codes(PICTURE), [""; 0], "plain");
    let shaded = "<defs><linearGradient id=\"g\"><stop offset=\"0\" stop-color=\"#fff\"/></linearGradient></defs>\
                  <g transform=\"scale(2)\" opacity=\".5\"><circle r=\"3\" fill=\"url(#g)\"/></g><text x=\"1\">CO₂</text>";
    assert_eq!(inside(shaded), [""; 0], "gradient, group and a short text");
}

#[test]
fn what_runs_or_loads_is_refused() {
    for elements in [
        "<script>alert(1)</script>",
        "<foreignObject/>",
        "<image/>",
        "<use/>",
        "<style>*{}</style>",
        "<a/>",
        "<animate/>",
        "<set/>",
        "<p xmlns=\"http://www.w3.org/1999/xhtml\"/>",
        "<PATH/>",
    ] {
        assert_eq!(inside(elements), ["svg-element"], "{elements}");
    }
    for attribute in [
        "onload=\"x\"",
        "ONLOAD=\"x\"",
        "href=\"#a\"",
        "style=\"x\"",
        "class=\"x\"",
        "xml:base=\"x\"",
    ] {
        assert_eq!(
            inside(&format!("<g {attribute}/>")),
            ["svg-attribute"],
            "{attribute}"
        );
    }
    for value in [
        "url(x.svg#a)",
        "url('#a')",
        "URL( #a)",
        "url(https://a.example)",
        "javascript:x",
        "u\\72l(x)",
        "url(#a) url(b)",
    ] {
        assert_eq!(
            inside(&format!("<g fill=\"{value}\"/>")),
            ["svg-reference"],
            "{value}"
        );
    }
    let linked = "<g xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:href=\"#a\"/>";
    assert_eq!(inside(linked), ["svg-namespace", "svg-attribute"], "xlink");
}

#[test]
fn what_two_parsers_read_differently_is_refused() {
    for elements in [
        "<!-- x -->",
        "<desc><![CDATA[><img src=x onerror=y>]]></desc>",
        "<?x y?>",
    ] {
        assert_eq!(inside(elements), ["svg-markup"], "{elements}");
    }
    assert_eq!(
        codes("<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>"),
        ["svg-markup"],
        "entities"
    );
    let prefixed = "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";
    assert_eq!(codes(prefixed), ["svg-namespace"], "prefix");
}

#[test]
fn shape_and_size_are_checked() {
    assert_eq!(codes("<svg"), ["svg-broken"], "cut");
    assert_eq!(codes(""), ["svg-broken"], "empty");
    assert_eq!(
        codes("<svg viewBox=\"0 0 1 1\"/>"),
        ["svg-root"],
        "no namespace"
    );
    assert_eq!(
        codes("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ["svg-viewbox"],
        "no view box"
    );
    assert_eq!(
        codes(&format!("{PICTURE}{}", " ".repeat(24 * 1024))),
        ["svg-too-long"],
        "too long"
    );
    assert_eq!(
        inside("<text>Danger</text>"),
        ["svg-text"],
        "words to translate"
    );
    assert_eq!(
        inside("<g fill=\"currentColor\"/>"),
        ["svg-current-color"],
        "colour of the page"
    );
    let deep = format!("{}{}", "<g>".repeat(3000), "</g>".repeat(3000));
    assert_eq!(
        inside(&deep),
        [""; 0],
        "deep nesting neither harms nor overflows"
    );
}

#[test]
fn problems_point_at_the_line_of_the_picture() {
    let svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">\n<g/>\n<use/>\n</svg>";
    assert_eq!(check("a.svg", svg)[0].line, 3, "line of the element");
}
