//! Reading an expression in the XLSForm dialect into its tree.
//!
//! `${injured} = 'yes' and (selected(${risk}, 'fall') or . > 3)`. What is not supported is refused
//! with the place and a plain message, never taken over half.

use super::program::{Expression, Literal};
use super::token::{Kind, Token, tokens};
use super::{DEPTH_MAX, NODES_MAX};

/// Functions, with the least and the most arguments they take.
const FUNCTIONS: [(&str, usize, usize); 15] = [
    ("coalesce", 1, 20),
    ("concat", 1, 20),
    ("count-selected", 1, 1),
    ("false", 0, 0),
    ("if", 3, 3),
    ("max", 1, 20),
    ("min", 1, 20),
    ("not", 1, 1),
    ("number", 1, 1),
    ("round", 1, 2),
    ("score", 0, 0),
    ("selected", 2, 2),
    ("string-length", 1, 1),
    ("today", 0, 0),
    ("true", 0, 0),
];

/// The operators of each level, loosest first; those of one level read left to right.
const OPERATORS: [&[&str]; 6] = [
    &["or"],
    &["and"],
    &["=", "!="],
    &["<=", "<", ">=", ">"],
    &["+", "-"],
    &["*", "div", "mod"],
];

/// Why an expression cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// The character where it was noticed, from 1.
    pub position: usize,
    /// What is wrong, in plain words.
    pub message: String,
}

impl std::fmt::Display for ExpressionError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "at character {}: {}",
            self.position, self.message
        )
    }
}

impl std::error::Error for ExpressionError {}

/// Reads an expression.
///
/// # Errors
///
/// The first thing that is not understood, or a size over [`super::EXPRESSION_MAX`], [`NODES_MAX`] or
/// [`DEPTH_MAX`].
pub fn parse(source: &str) -> Result<Expression, ExpressionError> {
    let tokens = tokens(source)?;
    let end = source.chars().count().saturating_add(1);
    let mut parser = Parser {
        tokens,
        next: 0,
        end,
        nodes: 0,
    };
    let expression = parser.operation(0, 0)?;
    if let Some(token) = parser.peek() {
        let found = token.kind.to_string();
        return Err(parser.error(format!("expected an operator or the end, found {found}")));
    }
    if depth(&expression) > DEPTH_MAX {
        return Err(parser.too_deep());
    }
    Ok(expression)
}

/// The levels of a tree. Its nodes were counted, so this cannot go deeper than [`NODES_MAX`].
fn depth(expression: &Expression) -> usize {
    match expression {
        Expression::Value { .. } | Expression::Field { .. } | Expression::Itself => 1,
        Expression::Call { arguments, .. } => arguments
            .iter()
            .map(depth)
            .max()
            .unwrap_or(0)
            .saturating_add(1),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    /// The position after the last character.
    end: usize,
    nodes: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn advance(&mut self) {
        self.next = self.next.saturating_add(1);
    }

    /// An error at the next token.
    fn error(&self, message: impl Into<String>) -> ExpressionError {
        let position = self.peek().map_or(self.end, |token| token.position);
        ExpressionError {
            position,
            message: message.into(),
        }
    }

    fn too_deep(&self) -> ExpressionError {
        self.error(format!(
            "nested deeper than {DEPTH_MAX} levels; use a `calculate` question"
        ))
    }

    /// Takes the symbol if it is next.
    fn symbol(&mut self, wanted: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|token| matches!(token.kind, Kind::Symbol(s) if s == wanted));
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), ExpressionError> {
        if self.symbol(wanted) {
            return Ok(());
        }
        let found = self
            .peek()
            .map_or("the end".to_owned(), |token| token.kind.to_string());
        Err(self.error(format!("expected `{wanted}`, found {found}")))
    }

    /// Counts one more node.
    fn node(&mut self, expression: Expression) -> Result<Expression, ExpressionError> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > NODES_MAX {
            let message = format!("more than {NODES_MAX} parts; use a `calculate` question");
            return Err(self.error(message));
        }
        Ok(expression)
    }

    /// Takes the operator of this level that is next, if one is.
    fn operator(&mut self, level: usize) -> Option<&'static str> {
        let wanted = OPERATORS.get(level)?;
        let name = match &self.peek()?.kind {
            Kind::Word(word) => word.as_str(),
            Kind::Symbol(symbol) => symbol,
            Kind::Field(_) | Kind::Text(_) | Kind::Number(_) => return None,
        };
        let found = wanted.iter().find(|operator| **operator == name).copied()?;
        self.advance();
        Some(found)
    }

    fn operation(&mut self, level: usize, depth: usize) -> Result<Expression, ExpressionError> {
        if level >= OPERATORS.len() {
            return self.operand(depth);
        }
        let tighter = level.saturating_add(1);
        let mut left = self.operation(tighter, depth)?;
        while let Some(operator) = self.operator(level) {
            let right = self.operation(tighter, depth)?;
            left = self.joined(operator, left, right)?;
        }
        Ok(left)
    }

    /// Two sides and their operator; a long row of the same one stays flat.
    fn joined(
        &mut self,
        operator: &str,
        mut left: Expression,
        right: Expression,
    ) -> Result<Expression, ExpressionError> {
        if let Expression::Call { name, arguments } = &mut left
            && name == operator
            && matches!(operator, "or" | "and" | "+")
        {
            arguments.push(right);
            return Ok(left);
        }
        self.node(Expression::Call {
            name: operator.to_owned(),
            arguments: vec![left, right],
        })
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let depth = depth.saturating_add(1);
        if depth > DEPTH_MAX {
            return Err(self.too_deep());
        }
        let Some(token) = self.peek().cloned() else {
            return Err(self.error("a value is missing at the end"));
        };
        let leaf = |value| Expression::Value { value };
        let expression = match token.kind {
            Kind::Field(name) => Expression::Field { name },
            Kind::Text(text) => leaf(Literal::Text(text)),
            Kind::Number(number) => leaf(Literal::Number(number)),
            Kind::Symbol(".") => Expression::Itself,
            Kind::Symbol("(") => {
                self.advance();
                let inner = self.operation(0, depth)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Kind::Symbol("-") => {
                self.advance();
                let inner = self.operand(depth)?;
                return self.node(Expression::Call {
                    name: "-".to_owned(),
                    arguments: vec![inner],
                });
            }
            Kind::Word(word) => return self.function(&word, depth),
            Kind::Symbol(symbol) => {
                return Err(self.error(format!("expected a value, found `{symbol}`")));
            }
        };
        self.advance();
        self.node(expression)
    }

    fn function(&mut self, word: &str, depth: usize) -> Result<Expression, ExpressionError> {
        let Some((name, least, most)) = FUNCTIONS
            .into_iter()
            .find(|(function, _, _)| *function == word)
        else {
            return Err(self.unknown(word));
        };
        let start = self.next;
        self.advance();
        self.expect("(")?;
        let mut arguments = Vec::new();
        if !self.symbol(")") {
            loop {
                arguments.push(self.operation(0, depth)?);
                if !self.symbol(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        if !(least..=most).contains(&arguments.len()) {
            let message = wrong_count(name, least, most, arguments.len());
            self.next = start;
            return Err(self.error(message));
        }
        let expression = match name {
            "true" => Expression::Value {
                value: Literal::Flag(true),
            },
            "false" => Expression::Value {
                value: Literal::Flag(false),
            },
            _ => Expression::Call {
                name: name.to_owned(),
                arguments,
            },
        };
        self.node(expression)
    }

    /// What to say of a word that is no function.
    fn unknown(&self, word: &str) -> ExpressionError {
        let called = self
            .tokens
            .get(self.next.saturating_add(1))
            .is_some_and(|token| token.kind == Kind::Symbol("("));
        self.error(if OPERATORS.iter().any(|level| level.contains(&word)) {
            format!("a value is missing before `{word}`")
        } else if called {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(name, _, _)| *name).collect();
            format!(
                "the function `{word}` is not supported; there are {}",
                known.join(", ")
            )
        } else {
            format!("write a question as `${{{word}}}` and a text as '{word}'")
        })
    }
}

fn wrong_count(name: &str, least: usize, most: usize, found: usize) -> String {
    let wanted = if least == most {
        least.to_string()
    } else {
        format!("{least} to {most}")
    };
    format!("`{name}` takes {wanted} arguments, not {found}")
}
