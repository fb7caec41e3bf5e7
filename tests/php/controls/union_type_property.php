<?php

class Holder
{
    private static int|string $value = 1;
}
