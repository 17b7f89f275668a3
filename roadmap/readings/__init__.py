"""What rules read off facts and answers: a module for each kind of thing judged. Pure."""
