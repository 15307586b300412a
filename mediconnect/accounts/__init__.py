"""Who someone is: users, sign-in, sessions, second factor and the tokens that stand for them."""
