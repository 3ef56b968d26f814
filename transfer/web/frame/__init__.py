"""What all pages share: who has signed in, what was asked, how an answer is drawn and worded."""
