//! `types/*.ts`, read; and values compared with it. It knows as much of TypeScript as is used there.

use serde_json::Value;
use std::collections::BTreeMap;

const SOURCE: &str = concat!(
    include_str!("../../src/wasm/types/basics.ts"),
    include_str!("../../src/wasm/types/commands.ts"),
    include_str!("../../src/wasm/types/outcomes.ts"),
    include_str!("../../src/wasm/types/rows.ts"),
    include_str!("../../src/wasm/types/views.ts"),
    include_str!("../../src/wasm/types/queries.ts"),
    include_str!("../../src/wasm/types/bundles.ts"),
    include_str!("../../src/wasm/types/classes.ts"),
);

#[derive(Debug, Clone)]
enum Type {
    /// `string`, `number`, `boolean`, `unknown`, `null`.
    Basic(String),
    Literal(String),
    Named(String, Vec<Type>),
    List(Box<Type>),
    Object(Vec<Field>),
    Any(Vec<Type>),
    All(Vec<Type>),
}

#[derive(Debug, Clone)]
struct Field {
    /// None: any other name, as in `[field: string]: unknown`.
    name: Option<String>,
    optional: bool,
    of: Type,
}

/// What is exported.
pub(crate) struct Types(BTreeMap<String, Type>);

impl Types {
    pub(crate) fn read() -> Self {
        let mut parser = Parser::of(SOURCE);
        let mut types = BTreeMap::new();
        while let Some(word) = parser.next() {
            match word.as_str() {
                "interface" => {
                    let name = parser.word();
                    // Generic ones are used with their arguments put in by hand.
                    if parser.skip("<") {
                        parser.word();
                        parser.expect(">");
                    }
                    let base = parser.skip("extends").then(|| parser.word());
                    let own = parser.object();
                    let of = match base {
                        Some(base) => Type::All(vec![own, Type::Named(base, Vec::new())]),
                        None => own,
                    };
                    types.insert(name, of);
                }
                "type"
                    if parser
                        .tokens
                        .get(parser.at + 1)
                        .is_some_and(|next| next == "=") =>
                {
                    let name = parser.word();
                    parser.expect("=");
                    if name != "Query" {
                        let of = parser.any();
                        types.insert(name, of);
                    }
                }
                _ => {}
            }
        }
        Self(types)
    }

    /// Checks that a value is of a type: nothing missing, nothing more.
    #[track_caller]
    pub(crate) fn check(&self, name: &str, value: &Value) {
        if let Err(wrong) = self.compare(&Parser::of(name).any(), value, name) {
            panic!("{wrong}\nof {value:#}");
        }
    }

    fn compare(&self, of: &Type, value: &Value, place: &str) -> Result<(), String> {
        let wrong = || Err(format!("{place}: expected {of:?}, found {value}"));
        let is_it = match of {
            Type::Basic(name) => match name.as_str() {
                "string" => value.is_string(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                "null" => value.is_null(),
                _ => true,
            },
            Type::Literal(text) => value == text,
            Type::List(element) => {
                let Some(list) = value.as_array() else {
                    return wrong();
                };
                for (n, value) in list.iter().enumerate() {
                    self.compare(element, value, &format!("{place}[{n}]"))?;
                }
                true
            }
            Type::Named(name, arguments) => return self.named(name, arguments, value, place),
            Type::Object(_) | Type::All(_) => {
                let Some(object) = value.as_object() else {
                    return wrong();
                };
                let fields = self.fields(of);
                for field in &fields {
                    let Some(name) = &field.name else { continue };
                    match object.get(name) {
                        Some(value) => {
                            self.compare(&field.of, value, &format!("{place}.{name}"))?;
                        }
                        None if field.optional => {}
                        None => return Err(format!("{place}: {name} is missing")),
                    }
                }
                let open = fields.iter().any(|field| field.name.is_none());
                let known = |name: &String| fields.iter().any(|f| f.name.as_ref() == Some(name));
                match object.keys().find(|name| !open && !known(name)) {
                    Some(name) => return Err(format!("{place}: {name} is not in types.ts")),
                    None => true,
                }
            }
            Type::Any(several) => {
                let mut said = Vec::new();
                for one in several {
                    match self.compare(one, value, place) {
                        Ok(()) => return Ok(()),
                        Err(wrong) => said.push(wrong),
                    }
                }
                // The one that came furthest is the one that was meant.
                let deepest = said.into_iter().max_by_key(|wrong| {
                    let place = wrong.split(": ").next().unwrap_or_default();
                    (place.len(), !wrong.contains(".type"))
                });
                return Err(deepest.unwrap_or_default());
            }
        };
        if is_it { Ok(()) } else { wrong() }
    }

    fn named(&self, name: &str, args: &[Type], value: &Value, place: &str) -> Result<(), String> {
        match (name, args) {
            ("Id", []) => match value.as_str() {
                Some(id) if id.len() == 26 => Ok(()),
                _ => Err(format!("{place}: expected an id, found {value}")),
            },
            ("Time", []) => match value.as_str() {
                Some(time) if time.len() == 24 && time.ends_with('Z') => Ok(()),
                _ => Err(format!("{place}: expected a time, found {value}")),
            },
            ("JsonText", []) => match value.as_str().map(serde_json::from_str::<Value>) {
                Some(Ok(_)) => Ok(()),
                _ => Err(format!("{place}: expected a JSON text, found {value}")),
            },
            ("Page", [row]) => {
                let page = Type::Object(vec![
                    field("rows", Type::List(Box::new(row.clone()))),
                    field("next", Parser::of("Cursor | null").any()),
                ]);
                self.compare(&page, value, place)
            }
            ("Record", [keys, of]) => {
                let Some(object) = value.as_object() else {
                    return Err(format!("{place}: expected an object, found {value}"));
                };
                for (name, value) in object {
                    self.compare(keys, &name.as_str().into(), &format!("{place} has {name}"))?;
                    self.compare(of, value, &format!("{place}.{name}"))?;
                }
                Ok(())
            }
            ("Required", [of]) => self.compare(of, value, place),
            ("Partial", [record @ Type::Named(name, _)]) if name == "Record" => {
                self.compare(record, value, place)
            }
            ("Partial", [of]) => {
                let mut fields = self.fields(of);
                for field in &mut fields {
                    field.optional = true;
                }
                self.compare(&Type::Object(fields), value, place)
            }
            (name, []) => {
                let of = self.0.get(name);
                let of = of.unwrap_or_else(|| panic!("{name} is not in types.ts"));
                self.compare(of, value, place)
            }
            other => panic!("{other:?} is more TypeScript than is known here"),
        }
    }

    /// The fields of an object, its bases' among them; the first of a name counts.
    fn fields(&self, of: &Type) -> Vec<Field> {
        match of {
            Type::Object(fields) => fields.clone(),
            Type::All(several) => {
                let mut all: Vec<Field> = Vec::new();
                for field in several.iter().flat_map(|one| self.fields(one)) {
                    if !all.iter().any(|known| known.name == field.name) {
                        all.push(field);
                    }
                }
                all
            }
            Type::Named(name, _) => self.fields(&self.0[name]),
            other => panic!("{other:?} has no fields"),
        }
    }
}

fn field(name: &str, of: Type) -> Field {
    Field {
        name: Some(name.to_owned()),
        optional: false,
        of,
    }
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
}

impl Parser {
    fn of(source: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            let length = if rest.starts_with("/*") {
                let end = rest.find("*/").expect("comments end");
                rest = &rest[end + 2..];
                continue;
            } else if first == '"' {
                rest[1..].find('"').expect("texts end") + 2
            } else if first.is_alphanumeric() || first == '_' {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            if !first.is_whitespace() {
                tokens.push(rest[..length].to_owned());
            }
            rest = &rest[length..];
        }
        Self { tokens, at: 0 }
    }

    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn word(&mut self) -> String {
        self.next().expect("a word")
    }

    fn skip(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &str) {
        let found = self.word();
        assert_eq!(found, token, "in types.ts");
    }

    fn any(&mut self) -> Type {
        self.skip("|");
        let mut several = vec![self.all()];
        while self.skip("|") {
            several.push(self.all());
        }
        alone(several, Type::Any)
    }

    fn all(&mut self) -> Type {
        let mut several = vec![self.one()];
        while self.skip("&") {
            several.push(self.one());
        }
        alone(several, Type::All)
    }

    fn one(&mut self) -> Type {
        let mut one = if self.peek() == "{" {
            self.object()
        } else if self.peek() == "(" && self.tokens.get(self.at + 2).is_some_and(|t| t == ":") {
            // A function: what it takes and gives is for TypeScript to check.
            while self.word() != ")" {}
            self.expect("=");
            self.expect(">");
            self.one();
            Type::Basic("function".to_owned())
        } else if self.skip("(") {
            let inner = self.any();
            self.expect(")");
            inner
        } else {
            let word = self.word();
            match word.as_str() {
                "string" | "number" | "boolean" | "unknown" | "null" => Type::Basic(word),
                _ if word.starts_with('"') => Type::Literal(word.trim_matches('"').to_owned()),
                _ => {
                    let mut arguments = Vec::new();
                    if self.skip("<") {
                        loop {
                            arguments.push(self.any());
                            if !self.skip(",") {
                                break;
                            }
                        }
                        self.expect(">");
                    }
                    Type::Named(word, arguments)
                }
            }
        };
        while self.peek() == "[" {
            self.at += 1;
            if !self.skip("]") {
                // A tuple or an index: not a value that is compared.
                while self.word() != "]" {}
            }
            one = Type::List(Box::new(one));
        }
        one
    }

    fn object(&mut self) -> Type {
        self.expect("{");
        let mut fields = Vec::new();
        while !self.skip("}") {
            let name = if self.skip("[") {
                while self.word() != "]" {}
                None
            } else {
                Some(self.word())
            };
            let optional = self.skip("?");
            self.expect(":");
            if self.peek() == "[" {
                // `Queries` lists pairs; its answers are named by the tests.
                let mut depth = 0;
                loop {
                    match self.word().as_str() {
                        "[" => depth += 1,
                        "]" => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            } else {
                let of = self.any();
                fields.push(Field { name, optional, of });
            }
            self.skip(";");
        }
        Type::Object(fields)
    }
}

fn alone(mut several: Vec<Type>, make: fn(Vec<Type>) -> Type) -> Type {
    if several.len() == 1 {
        several.remove(0)
    } else {
        make(several)
    }
}
