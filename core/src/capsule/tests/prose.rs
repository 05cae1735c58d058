//! What Markdown becomes.

use super::super::outline::Line;
use super::super::problem::Problems;
use super::super::prose::{plain, render};
use super::super::safe::is_safe_html;

fn html(source: &str) -> String {
    let lines: Vec<Line<'_>> = source
        .split('\n')
        .map(|text| Line { number: 1, text })
        .collect();
    let html = render(&lines, &mut Problems::default()).html;
    assert!(
        is_safe_html(&html),
        "{html} is what the second look lets through"
    );
    html
}

#[test]
fn the_small_subset_is_rendered() {
    assert_eq!(
        html("a **b** *c*\nd"),
        "<p>a <strong>b</strong> <em>c</em>\nd</p>",
        "inline"
    );
    assert_eq!(html("- a\n- b"), "<ul><li>a</li><li>b</li></ul>", "list");
    assert_eq!(
        html("1. a\n\n2. b"),
        "<ol><li><p>a</p></li><li><p>b</p></li></ol>",
        "loose list"
    );
    assert_eq!(html("> a"), "<blockquote><p>a</p></blockquote>", "quote");
    assert_eq!(html("### a `b`"), "<h3>a <code>b</code></h3>", "heading");
    assert_eq!(html("a\\\nb"), "<p>a<br>b</p>", "line break");
    assert_eq!(
        html("|a|b|\n|-|-|\n|c|d|"),
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c</td><td>d</td></tr></tbody></table>",
        "table"
    );
}

#[test]
fn words_keep_their_spaces_and_their_signs() {
    assert_eq!(
        html("Quoi\u{202f}? «\u{a0}Non\u{a0}»"),
        "<p>Quoi\u{202f}? «\u{a0}Non\u{a0}»</p>",
        "no-break spaces"
    );
    assert_eq!(
        html("1 < 2 & \"3\""),
        "<p>1 &lt; 2 &amp; &quot;3&quot;</p>",
        "signs"
    );
    assert_eq!(
        html("**a**\n**b**"),
        "<p><strong>a</strong>\n<strong>b</strong></p>",
        "words on two lines"
    );
    assert_eq!(
        html("*a*\n*b*"),
        "<p><em>a</em>\n<em>b</em></p>",
        "words on two lines"
    );
}

#[test]
fn pictures_stand_between_paragraphs() {
    let figure = "<figure class=\"media\" data-media=\"a.svg\" role=\"img\" aria-label=\"b &quot;c&quot;\"></figure>";
    let image = "![b **\"c\"**](a.svg)";
    assert_eq!(html(image), figure, "alone");
    assert_eq!(
        html(&format!("d\n{image}")),
        format!("<p>d</p>{figure}"),
        "after text"
    );
    assert_eq!(
        html(&format!("{image}\nd")),
        format!("{figure}<p>d</p>"),
        "before text"
    );
    assert_eq!(
        html(&format!("- {image}")),
        format!("<ul><li>{figure}</li></ul>"),
        "in a list"
    );
    assert_eq!(
        html("![b](a.svg \"c\")"),
        "<figure class=\"media\" data-media=\"a.svg\" role=\"img\" aria-label=\"b\"></figure><p class=\"caption\">c</p>",
        "with a caption"
    );
}

#[test]
fn nothing_of_raw_html_comes_out() {
    assert_eq!(html("<script>alert(1)</script>"), "", "block");
    assert_eq!(html("a <img src=x onerror=y> b"), "<p>a  b</p>", "inline");
    assert_eq!(html("[a](javascript:alert)"), "<p>a</p>", "link");
    assert_eq!(
        html("![a](x\" onload=\"y.svg)"),
        "<p>![a](x&quot; onload=&quot;y.svg)</p>",
        "odd picture"
    );
}

#[test]
fn choices_are_plain_words() {
    let words = |text: &str| plain(text, 1, &mut Problems::default());
    assert_eq!(words("**Bold** and `code`"), "Bold and code", "marks");
    assert_eq!(words("1. First"), "1. First", "a number stays");
    assert_eq!(words("- dash"), "- dash", "a dash stays");
    assert_eq!(words("# sharp"), "# sharp", "a sharp stays");
    assert_eq!(words("*x* 2 < 3 &amp; 4"), "x 2 < 3 & 4", "signs");
    assert_eq!(words("…"), "…", "an ellipsis");
    assert_eq!(words("Oui\u{202f}!"), "Oui\u{202f}!", "a no-break space");
}

#[test]
fn the_second_look_refuses_what_the_renderer_never_writes() {
    for html in [
        "<script>",
        "<p onclick=\"x\">",
        "<P>",
        "<p",
        "a>b",
        "<a href=\"https://a.example\">",
        "<figure class=\"media\" data-media=\"a.svg\" role=\"img\" aria-label=\"b\" onload=\"c\"></figure>",
        "<figure class=\"media\" data-media=\"../a.svg\" role=\"img\" aria-label=\"b\"></figure>",
        "<figure class=\"media\" data-media=\"a.svg\" role=\"img\" aria-label=\"b\">c</figure>",
    ] {
        assert!(!is_safe_html(html), "{html} is refused");
    }
}
