//! `settings`: what holds for every command, and who said so.

use super::arguments::Arguments;
use super::failure::Failure;
use super::output::{Output, table, visible};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory as _, ValueEnum};
use serde::Serialize;
use std::ffi::OsString;
use std::path::PathBuf;

/// Where backups go that are made by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BackupFolder {
    /// None are made.
    Off,
    /// Into this folder.
    Folder(PathBuf),
}

impl From<OsString> for BackupFolder {
    /// A folder that is called `off` is `./off`.
    fn from(text: OsString) -> Self {
        if text.is_empty() || text == "off" {
            Self::Off
        } else {
            Self::Folder(text.into())
        }
    }
}

/// Whether a command says how many plans can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ResumeDetection {
    /// Only to a person, who sees stderr on a terminal.
    Auto,
    /// On stderr wherever that goes, unless the answer is JSON.
    On,
    /// Never.
    Off,
}

#[derive(Serialize)]
struct Setting {
    name: String,
    value: String,
    from: Source,
    option: String,
    variable: String,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    Option,
    Environment,
    Default,
}

/// Lists them. They are taken from what can be typed, so none is forgotten.
pub(super) fn list(matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let command = Arguments::command();
    let settings: Vec<_> = command
        .get_arguments()
        .filter_map(|argument| setting(argument, matches))
        .collect();
    output.answer(&settings, || {
        let heading = ["SETTING", "VALUE", "FROM", "OPTION", "VARIABLE"];
        let mut rows: Vec<Vec<String>> = vec![heading.map(str::to_owned).into()];
        rows.extend(settings.iter().map(|setting| {
            let from = match setting.from {
                Source::Option => "option",
                Source::Environment => "environment",
                Source::Default => "default",
            };
            vec![
                setting.name.clone(),
                visible(&setting.value),
                from.to_owned(),
                setting.option.clone(),
                setting.variable.clone(),
            ]
        }));
        table(&rows)
    })?;
    Ok(())
}

/// What can be said by an option and by a variable is a setting.
fn setting(argument: &Arg, matches: &ArgMatches) -> Option<Setting> {
    let name = argument.get_id().as_str();
    let value = matches.get_raw(name)?.next_back()?;
    Some(Setting {
        name: name.to_owned(),
        value: value.to_string_lossy().into_owned(),
        from: match matches.value_source(name)? {
            ValueSource::CommandLine => Source::Option,
            ValueSource::EnvVariable => Source::Environment,
            _ => Source::Default,
        },
        option: format!("--{}", argument.get_long()?),
        variable: argument.get_env()?.to_string_lossy().into_owned(),
    })
}

/// The variable that a refused value comes from, if it isn't the option's.
pub(super) fn variable_of(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ContextValue};
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let option = text(ContextKind::InvalidArg)?.split(' ').next()?;
    let command = Arguments::command();
    let is_meant = |argument: &&Arg| {
        let long = argument.get_long().map(|long| format!("--{long}"));
        long.as_deref() == Some(option)
    };
    let variable = command.get_arguments().find(is_meant)?.get_env()?;
    let value = std::env::var_os(variable)?;
    let is_refused = text(ContextKind::InvalidValue).is_none_or(|refused| value == *refused);
    is_refused.then(|| variable.to_string_lossy().into_owned())
}
