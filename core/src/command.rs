//! The one door: every act of a screen is a named command with typed input and output.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ts_rs::TS;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::person::Role;

/// Who may call a command. The gate judges every change again on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever is signed in.
    Anyone,
    /// Everyone but guests.
    Member,
    /// Managers, relays and leads.
    Triage,
    /// Leads.
    Lead,
    /// Leads and admins.
    Directory,
}

impl Access {
    fn allows(self, context: &Context<'_>) -> bool {
        let seat = &context.seat;
        match self {
            Self::Anyone => true,
            Self::Member => seat.takes_part(),
            Self::Triage => seat.has(&[Role::Manager, Role::Relay, Role::Lead]),
            Self::Lead => seat.leads(),
            Self::Directory => seat.has(&[Role::Lead, Role::Admin]),
        }
    }
}

/// A command with its types erased.
pub struct Command {
    /// `feature.verb`.
    pub name: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Runs it.
    pub run: fn(&mut Context<'_>, Value) -> Result<Value>,
    /// Registers its types for TypeScript: the input's name and the output's.
    pub types: fn(&mut Bindings) -> (String, String),
}

/// Makes a [`Command`] from a typed function `fn(&mut Context, &Input) -> Result<Output>`.
#[macro_export]
macro_rules! command {
    ($name:literal, $access:expr, $function:path, $input:ty => $output:ty) => {
        $crate::command::Command {
            name: $name,
            access: $access,
            run: |context, input| {
                let input: $input = $crate::command::read_input($name, input)?;
                let output: $output = $function(context, &input)?;
                $crate::command::write_output(&output)
            },
            types: |bindings| (bindings.add::<$input>(), bindings.add::<$output>()),
        }
    };
}

/// Reads a command's input.
///
/// # Errors
/// [`Code::Invalid`] when it has another shape.
pub fn read_input<T: DeserializeOwned>(name: &str, input: Value) -> Result<T> {
    let input = if input.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        input
    };
    serde_json::from_value(input)
        .map_err(|error| Error::invalid(format!("input of `{name}`: {error}")))
}

/// Writes a command's output.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn write_output<T: Serialize>(output: &T) -> Result<Value> {
    serde_json::to_value(output).map_err(|error| Error::unexpected(error.to_string()))
}

/// Runs the command of that name.
///
/// # Errors
/// [`Code::UnknownCommand`], [`Code::Forbidden`], [`Code::Invalid`], or the command's own.
pub fn dispatch(context: &mut Context<'_>, name: &str, input: Value) -> Result<Value> {
    let command = crate::features::FEATURES
        .iter()
        .flat_map(|feature| feature.commands)
        .find(|command| command.name == name)
        .ok_or_else(|| Error::new(Code::UnknownCommand, format!("no command `{name}`")))?;
    if !command.access.allows(context) {
        return Err(Error::forbidden(format!("`{name}` is not for this person")));
    }
    (command.run)(context, input)
}

/// The TypeScript types that commands mention.
#[derive(Default)]
pub struct Bindings {
    declarations: std::collections::BTreeMap<String, String>,
    seen: std::collections::BTreeSet<&'static str>,
}

impl Bindings {
    /// Adds a type and everything it mentions; returns how TypeScript names it.
    pub fn add<T: TS + 'static + ?Sized>(&mut self) -> String {
        struct Visit<'a>(&'a mut Bindings);
        impl ts_rs::TypeVisitor for Visit<'_> {
            fn visit<T: TS + 'static + ?Sized>(&mut self) {
                self.0.add::<T>();
            }
        }
        let config = ts_rs::Config::new().with_large_int("number");
        // Wrappers (lists, options) have no declaration of their own, only what they wrap.
        if self.seen.insert(std::any::type_name::<T>()) {
            if T::output_path().is_some() {
                self.declarations
                    .insert(T::ident(&config), T::decl(&config));
            }
            T::visit_dependencies(&mut Visit(self));
            T::visit_generics(&mut Visit(self));
        }
        T::name(&config)
    }
}

/// The TypeScript module of all commands: `ui/src/lib/generated/commands.ts`.
#[must_use]
pub fn typescript() -> String {
    let mut bindings = Bindings::default();
    let mut lines = Vec::new();
    for command in crate::features::FEATURES
        .iter()
        .flat_map(|feature| feature.commands)
        .chain(crate::account::COMMANDS)
    {
        let (input, output) = (command.types)(&mut bindings);
        lines.push(format!(
            "  '{}': {{ input: {input}; output: {output} }};\n",
            command.name
        ));
    }
    lines.sort();
    let mut text = String::from("// Written by `cargo test -p vigie-core`; do not edit.\n\n");
    text.push_str("/** A text in each language it exists in, by language code. */\n");
    text.push_str("export type Wording = { [language: string]: string };\n");
    bindings.add::<crate::person::Role>();
    bindings.add::<crate::form::Answer>();
    bindings.add::<crate::capsule::QuizAnswer>();
    for declaration in bindings.declarations.values() {
        text.push_str(&format!("export {}\n", tidied(declaration)));
    }
    text.push_str("\nexport type Commands = {\n");
    text.extend(lines);
    text.push_str("};\nexport type CommandName = keyof Commands;\n");
    text
}

/// One line for each comment, and no space at the end of one.
fn tidied(declaration: &str) -> String {
    let lines: Vec<&str> = declaration.lines().map(str::trim_end).collect();
    lines
        .join("\n")
        .replace("/**\n * ", "/** ")
        .replace("\n */", " */")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::features::FEATURES;

    /// Writes the file when it is stale, and fails: commit what it wrote.
    #[test]
    fn the_screens_types_are_fresh() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../ui/src/lib/generated/commands.ts"
        );
        let fresh = super::typescript();
        let written = std::fs::read_to_string(path).unwrap_or_default();
        if written != fresh {
            std::fs::write(path, &fresh).expect("the generated file can be written");
            panic!("{path} was stale: it has been written again");
        }
    }

    #[test]
    fn commands_are_named_once_in_lower_case() {
        let mut names = BTreeSet::new();
        for command in FEATURES.iter().flat_map(|feature| feature.commands) {
            assert!(
                names.insert(command.name),
                "`{}` is there twice",
                command.name
            );
            let plain = |c: char| c.is_ascii_lowercase() || c == '.' || c == '_';
            assert!(
                command.name.chars().all(plain),
                "`{}` is not lower-case",
                command.name
            );
        }
    }

    #[test]
    fn kinds_belong_to_one_feature() {
        let mut names = BTreeSet::new();
        for kind in FEATURES.iter().flat_map(|feature| feature.kinds) {
            assert!(
                names.insert(kind.name),
                "kind `{}` is there twice",
                kind.name
            );
        }
    }
}
