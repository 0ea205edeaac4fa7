"""Files that prove something: uploaded past us, checked by their content, and then locked against everybody."""
