"""How large an imported file may be; docs/importing.md says the same numbers."""

MAX_BYTES = 25 * 2**20
MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_CELL = 32_000

# A workbook is a zip file: what it unpacks to, and the memory and processor time its parser gets.
MAX_UNPACKED = 250 * 2**20
MAX_PARTS = 2_000
PARSER_MEMORY = 1024 * 2**20
PARSER_SECONDS = 60
# Letters and digits of all cells together, so that one long text in a million cells is bounded.
MAX_CHARACTERS = 60_000_000
