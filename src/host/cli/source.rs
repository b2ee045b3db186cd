//! What is imported: a file or stdin, plain or compressed with gzip, read from its beginning to its
//! end and never kept whole.

use super::failure::Failure;
use flate2::bufread::MultiGzDecoder;
use std::fs::{File, Metadata};
use std::io::{BufRead as _, BufReader, Cursor, ErrorKind, Read, Seek as _};
use std::path::Path;
use std::time::SystemTime;

/// Stands for stdin, and for stdout.
pub(super) const STREAM: &str = "-";

/// How a bundle begins.
const BUNDLE: &[u8] = br#"{"type":"holdpoint"#;
/// How everything begins that gzip compressed.
const GZIP: &[u8] = b"\x1f\x8b";
/// How much is read of the file at once.
const AT_ONCE: usize = 64 << 10;

/// Something to import, opened.
pub(super) struct Source {
    /// Its path, or what it is, for people.
    name: String,
    /// None: stdin.
    file: Option<File>,
    /// What a file was when it was opened. None: a stream, which can be read once only.
    before: Option<Stamp>,
    /// How it begins.
    head: Vec<u8>,
}

/// What tells that a file was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

impl Source {
    /// Opens it and looks at its first bytes.
    ///
    /// # Errors
    /// `FILE_UNREADABLE`.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let is_stdin = path.as_os_str() == STREAM;
        let name = if is_stdin {
            "stdin".to_owned()
        } else {
            path.display().to_string()
        };
        let mut source = Self {
            name,
            file: None,
            before: None,
            head: Vec::new(),
        };
        if !is_stdin {
            let file = File::open(path).map_err(|error| source.unreadable(&error))?;
            let metadata = file.metadata().map_err(|error| source.unreadable(&error))?;
            source.before = metadata.is_file().then(|| Stamp::of(&metadata));
            source.file = Some(file);
        }
        let mut head = Vec::new();
        let mut beginning = source.input(Vec::new())?.take(BUNDLE.len() as u64);
        beginning
            .read_to_end(&mut head)
            .map_err(|error| source.unreadable(&error))?;
        source.head = head;
        Ok(source)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes it has, where that can be known.
    pub(super) fn length(&self) -> Option<u64> {
        self.before.map(|before| before.length)
    }

    /// Whether it can be read more than once.
    pub(super) const fn is_file(&self) -> bool {
        self.before.is_some()
    }

    /// Whether it is a bundle, as far as its first bytes tell.
    pub(super) fn is_bundle(&self) -> bool {
        self.is_compressed() || self.head.starts_with(BUNDLE)
    }

    fn is_compressed(&self) -> bool {
        self.head.starts_with(GZIP)
    }

    /// All of it from the first byte, as it is.
    pub(super) fn plain(&mut self) -> Result<impl Read + use<>, Failure> {
        self.rewound()
    }

    /// All of it from the first byte, decompressed.
    pub(super) fn begin(&mut self) -> Result<Reading, Failure> {
        let is_compressed = self.is_compressed();
        let input = BufReader::with_capacity(AT_ONCE, self.rewound()?);
        let bytes = if is_compressed {
            Bytes::Compressed(Box::new(MultiGzDecoder::new(input)))
        } else {
            Bytes::Plain(input)
        };
        let name = self.name.clone();
        Ok(Reading { name, bytes })
    }

    fn rewound(&mut self) -> Result<Input, Failure> {
        let mut head = Vec::new();
        if let (true, Some(mut file)) = (self.is_file(), self.file.as_ref()) {
            file.rewind().map_err(|error| self.unreadable(&error))?;
        } else {
            std::mem::swap(&mut head, &mut self.head);
        }
        self.input(head)
    }

    /// Whether it is still what it was when it was opened.
    ///
    /// # Errors
    /// `FILE_CHANGED`; a stream has nothing that could tell.
    pub(super) fn unchanged(&self) -> Result<(), Failure> {
        let (Some(file), Some(before)) = (&self.file, self.before) else {
            return Ok(());
        };
        let metadata = file.metadata().map_err(|error| self.unreadable(&error))?;
        let now = Stamp::of(&metadata);
        if now == before {
            return Ok(());
        }
        let found = if now.length == before.length {
            "that it was written to".to_owned()
        } else {
            format!("{} bytes and then {}", before.length, now.length)
        };
        let path = self.name.clone();
        Err(Failure::FileChanged { path, found })
    }

    fn input(&self, head: Vec<u8>) -> Result<Input, Failure> {
        let rest: Box<dyn Read> = match &self.file {
            Some(file) => Box::new(file.try_clone().map_err(|error| self.unreadable(&error))?),
            None => Box::new(std::io::stdin()),
        };
        Ok(Input {
            head: Cursor::new(head),
            rest,
            bytes: 0,
            has_failed: false,
        })
    }

    fn unreadable(&self, error: &std::io::Error) -> Failure {
        Failure::File {
            path: self.name.clone(),
            found: error.to_string(),
        }
    }
}

/// A source that is being read.
pub(super) struct Reading {
    name: String,
    bytes: Bytes,
}

enum Bytes {
    Plain(BufReader<Input>),
    Compressed(Box<MultiGzDecoder<BufReader<Input>>>),
}

impl Reading {
    /// Puts what comes next into a piece; how many bytes that were, none at the end.
    ///
    /// # Errors
    /// `FILE_UNREADABLE`; `BUNDLE_INVALID` if it cannot be decompressed, which says where.
    pub(super) fn read(&mut self, piece: &mut [u8]) -> Result<usize, Failure> {
        loop {
            let read = match &mut self.bytes {
                Bytes::Plain(input) => input.read(piece),
                Bytes::Compressed(decoder) => decoder.read(piece),
            };
            match read {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(&error)),
                Ok(length) => return Ok(length),
            }
        }
    }

    /// How many bytes of the source were taken so far.
    pub(super) fn taken(&self) -> u64 {
        let input = self.input();
        // What is in the buffer was read, but not looked at.
        input.get_ref().bytes - input.buffer().len() as u64
    }

    /// The same of one that is compressed.
    pub(super) fn compressed(&self) -> Option<u64> {
        matches!(self.bytes, Bytes::Compressed(_)).then(|| self.taken())
    }

    fn input(&self) -> &BufReader<Input> {
        match &self.bytes {
            Bytes::Plain(input) => input,
            Bytes::Compressed(decoder) => decoder.get_ref(),
        }
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        let path = self.name.clone();
        if self.input().get_ref().has_failed {
            let found = error.to_string();
            return Failure::File { path, found };
        }
        let found = match error.kind() {
            ErrorKind::UnexpectedEof => "the end of the file".to_owned(),
            _ => error.to_string(),
        };
        let byte = self.taken() + 1;
        Failure::Gzip { path, byte, found }
    }
}

/// The bytes of the source, counted.
struct Input {
    /// Those that were looked at before.
    head: Cursor<Vec<u8>>,
    rest: Box<dyn Read>,
    bytes: u64,
    /// Whether an error came from here and not from what the bytes are.
    has_failed: bool,
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = match self.head.fill_buf()? {
            [] => self
                .rest
                .read(buffer)
                .inspect_err(|error| self.has_failed = error.kind() != ErrorKind::Interrupted)?,
            _ => self.head.read(buffer)?,
        };
        self.bytes += length as u64;
        Ok(length)
    }
}
