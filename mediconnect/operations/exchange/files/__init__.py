"""Files become tables and tables files: CSV and Excel workbooks, whoever made them, however hostile."""

from .reading import Table, read_table
from .writing import FORMS, Form, Sheet, harmless, written

__all__ = ["FORMS", "Form", "Sheet", "Table", "harmless", "read_table", "written"]
