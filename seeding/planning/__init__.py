"""What is to be written, before it has rows: sessions on the calendar, who talks with whom, what there is to tell."""
